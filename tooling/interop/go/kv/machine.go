package kv

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync"

	"github.com/hashicorp/raft"
)

// Machine is the state machine that Raft drives.
type Machine struct {
	lock     sync.Mutex
	state    *State
	restored int
}

// NewMachine makes an empty one.
func NewMachine() *Machine {
	return &Machine{state: newState()}
}

// Apply does what the entry says. Bytes that are no command are answered with an error and change nothing.
func (m *Machine) Apply(log *raft.Log) interface{} {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.state.record(log.Index, log.Data)
	command, err := DecodeCommand(log.Data)
	if err != nil {
		return err
	}
	return m.state.apply(log.Index, command)
}

// Snapshot takes a point in time; the values are shared, since they never change.
func (m *Machine) Snapshot() (raft.FSMSnapshot, error) {
	return &view{m.View()}, nil
}

// Restore replaces the state once the whole snapshot has been read.
func (m *Machine) Restore(source io.ReadCloser) error {
	defer source.Close()
	state, err := decodeState(source)
	if err != nil {
		return err
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.state = state
	m.restored++
	return nil
}

// View is a copy of the state now.
func (m *Machine) View() *State {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.state.copy()
}

// Get reads one key of this node's own state, which may be behind.
func (m *Machine) Get(key string) *Entry {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.state.Entries[key]
}

// Summary is a state in short: two nodes whose summaries are equal hold the same, byte for byte.
type Summary struct {
	Applied  uint64 `json:"applied"`
	Digest   string `json:"digest"`
	Members  int    `json:"members"`
	Entries  int    `json:"entries"`
	Hash     string `json:"hash"`
	Restored int    `json:"restored"`
}

// Summary hashes the snapshot that would be taken now.
func (m *Machine) Summary() Summary {
	state := m.View()
	hash := sha256.New()
	_ = state.encode(hash)
	m.lock.Lock()
	restored := m.restored
	m.lock.Unlock()
	return Summary{
		Applied: state.Applied, Digest: hex.EncodeToString(state.Digest[:]), Members: len(state.Members),
		Entries: len(state.Entries), Hash: hex.EncodeToString(hash.Sum(nil)), Restored: restored,
	}
}

// Dump lists the entries, each as key, value, index and version, by index.
func (m *Machine) Dump() [][]any {
	state := m.View()
	rows := [][]any{}
	for _, key := range state.keys() {
		entry := state.Entries[key]
		rows = append(rows, []any{key, entry.Value, entry.Index, entry.Version})
	}
	return rows
}

type view struct{ state *State }

func (v *view) Persist(sink raft.SnapshotSink) error {
	if err := v.state.encode(sink); err != nil {
		_ = sink.Cancel()
		return err
	}
	return sink.Close()
}

func (v *view) Release() {}

// SnapshotBytes is a snapshot of a state with as many keys.
func SnapshotBytes(keys int) []byte {
	state := newState()
	for i := 1; i <= keys; i++ {
		data, _ := Command{Op: "put", Key: string(rune('a' + i)), Value: []byte{byte(i)}}.Encode()
		state.record(uint64(i), data)
		command, _ := DecodeCommand(data)
		state.apply(uint64(i), command)
	}
	var out bytes.Buffer
	_ = state.encode(&out)
	return out.Bytes()
}
