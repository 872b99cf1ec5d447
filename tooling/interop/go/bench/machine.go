package bench

import (
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
	client := binary.BigEndian.Uint64(log.Data)
	for uint64(len(m.last)) <= client {
		m.last = append(m.last, nil)
	}
	m.last[client] = log.Data
	m.applied++
	return m.applied
}

// Snapshot is empty: none is taken while the time is measured.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) { return &nothing{}, nil }

// Restore is never called.
func (m *machine) Restore(source io.ReadCloser) error { return source.Close() }

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

type nothing struct{}

func (*nothing) Persist(sink raft.SnapshotSink) error { return sink.Close() }
func (*nothing) Release()                             {}
