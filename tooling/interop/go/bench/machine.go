package bench

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/hashicorp/raft"
)

// machine keeps the last command of each client, by its number.
type machine struct {
	last    [][]byte
	applied uint64
}

func newMachine(batching bool) raft.FSM {
	one := &machine{}
	if batching {
		return &batchingMachine{one}
	}
	return one
}

// Apply answers how many commands were applied.
func (m *machine) Apply(log *raft.Log) interface{} {
	m.keep(log.Data)
	m.applied++
	return m.applied
}

func (m *machine) keep(command []byte) {
	client := binary.BigEndian.Uint64(command)
	for uint64(len(m.last)) <= client {
		m.last = append(m.last, nil)
	}
	m.last[client] = command
}

// Snapshot copies what is kept.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	return &state{append([][]byte(nil), m.last...), m.applied}, nil
}

// Restore takes over a state.
func (m *machine) Restore(source io.ReadCloser) error {
	defer source.Close()
	in := bufio.NewReader(source)
	restored := machine{}
	if err := binary.Read(in, binary.BigEndian, &restored.applied); err != nil {
		return err
	}
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err == io.EOF {
			*m = restored
			return nil
		} else if err != nil {
			return err
		}
		command := make([]byte, length)
		if _, err := io.ReadFull(in, command); err != nil {
			return err
		}
		restored.keep(command)
	}
}

type batchingMachine struct{ *machine }

// ApplyBatch applies one after another.
func (m *batchingMachine) ApplyBatch(logs []*raft.Log) []interface{} {
	answers := make([]interface{}, len(logs))
	for i, log := range logs {
		if log.Type == raft.LogCommand {
			answers[i] = m.Apply(log)
		}
	}
	return answers
}

// state is what a machine had at some point: how many commands it had applied, and the last of each client.
type state struct {
	last    [][]byte
	applied uint64
}

// Persist writes the commands, each behind its length.
func (s *state) Persist(sink raft.SnapshotSink) error {
	out := bufio.NewWriterSize(sink, 65_536)
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], s.applied)
	// A failure stays, and is told by Flush.
	_, _ = out.Write(head[:])
	for _, command := range s.last {
		if command == nil {
			continue
		}
		binary.BigEndian.PutUint32(head[:4], uint32(len(command)))
		_, _ = out.Write(head[:4])
		_, _ = out.Write(command)
	}
	if err := out.Flush(); err != nil {
		_ = sink.Cancel()
		return err
	}
	return sink.Close()
}

func (*state) Release() {}
