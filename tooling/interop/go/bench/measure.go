package bench

import (
	"encoding/binary"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

// Result is what was measured, as JSON. Latencies are milliseconds.
type Result struct {
	Transport   string  `json:"transport"`
	Store       string  `json:"store"`
	Nodes       int     `json:"nodes"`
	Clients     int     `json:"clients"`
	Bytes       int     `json:"bytes"`
	MaxAppend   int     `json:"maxAppendEntries"`
	BatchApply  bool    `json:"batchApplyCh"`
	BatchingFSM bool    `json:"batchingFSM"`
	Seconds     float64 `json:"seconds"`
	Applies     int     `json:"applies"`
	PerSecond   float64 `json:"appliesPerSecond"`
	P50         float64 `json:"p50"`
	P99         float64 `json:"p99"`
	P999        float64 `json:"p999"`
	Max         float64 `json:"max"`
	Go          string  `json:"go"`
	Processors  int     `json:"processors"`
}

// Run starts a cluster, measures, and ends it.
func (o *Options) Run() (*Result, error) {
	if o.Data == "" && o.Store != "inmem" {
		folder, err := os.MkdirTemp("", "raftbench")
		if err != nil {
			return nil, err
		}
		o.Data = folder
		defer os.RemoveAll(folder)
	}
	leader, end, err := o.cluster()
	if end != nil {
		defer end()
	}
	if err != nil {
		return nil, err
	}
	taken, elapsed, err := o.load(leader)
	if err != nil {
		return nil, err
	}
	sort.Slice(taken, func(a, b int) bool { return taken[a] < taken[b] })
	at := func(share float64) float64 {
		if len(taken) == 0 {
			return 0
		}
		return float64(taken[min(len(taken)-1, int(share*float64(len(taken))))]) / float64(time.Millisecond)
	}
	return &Result{
		Transport: o.Transport, Store: o.Store, Nodes: o.Nodes, Clients: o.Clients, Bytes: o.Bytes,
		MaxAppend: o.MaxAppend, BatchApply: o.BatchApply, BatchingFSM: o.BatchingFSM,
		Seconds: elapsed.Seconds(), Applies: len(taken), PerSecond: float64(len(taken)) / elapsed.Seconds(),
		P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1), Go: runtime.Version(), Processors: runtime.NumCPU(),
	}, nil
}

const (
	warming = iota
	measuring
	over
)

// load has the clients apply one command after another, and returns how long each took that began and ended in time.
func (o *Options) load(leader *raft.Raft) ([]time.Duration, time.Duration, error) {
	var phase atomic.Int32
	var done sync.WaitGroup
	taken := make([][]time.Duration, o.Clients)
	failures := make(chan error, o.Clients)
	for client := range taken {
		done.Add(1)
		go func() {
			defer done.Done()
			for number := uint64(0); phase.Load() != over; number++ {
				// A command of its own each time, as a user's would be.
				command := make([]byte, max(o.Bytes, 16))
				binary.BigEndian.PutUint64(command, uint64(client))
				binary.BigEndian.PutUint64(command[8:], number)
				measured := phase.Load() == measuring
				begun := time.Now()
				if err := leader.Apply(command, 0).Error(); err != nil {
					failures <- err
					return
				}
				if measured && phase.Load() == measuring {
					taken[client] = append(taken[client], time.Since(begun))
				}
			}
		}()
	}
	time.Sleep(seconds(o.Warmup))
	begun := time.Now()
	phase.Store(measuring)
	time.Sleep(seconds(o.Seconds))
	phase.Store(over)
	elapsed := time.Since(begun)
	done.Wait()
	all := []time.Duration{}
	for _, own := range taken {
		all = append(all, own...)
	}
	select {
	case err := <-failures:
		return nil, 0, err
	default:
		return all, elapsed, nil
	}
}
