package bench

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

// Result is what was measured, as JSON. Latencies are milliseconds; processor time is microseconds for one apply, in the
// leader's process and in all.
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
	CPULeader   float64 `json:"cpuLeader"`
	CPUAll      float64 `json:"cpuAll"`
	Go          string  `json:"go"`
	Processors  int     `json:"processors"`
}

// Run starts a cluster, measures, and ends it.
func (o *Options) Run() (result *Result, err error) {
	err = o.withCluster(func(leader *raft.Raft) error {
		result, err = o.measure(leader, o.Load)
		return err
	})
	return result, err
}

// ServeLoads starts a cluster, says so, and measures it under each load that it reads, until there are no more.
func (o *Options) ServeLoads(in io.Reader, out io.Writer) error {
	return o.withCluster(func(leader *raft.Raft) error {
		if _, err := fmt.Fprintln(out, "ready"); err != nil {
			return err
		}
		loads, results := json.NewDecoder(in), json.NewEncoder(out)
		for {
			var load Load
			if err := loads.Decode(&load); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			result, err := o.measure(leader, load)
			if err != nil {
				return err
			}
			if err := results.Encode(result); err != nil {
				return err
			}
		}
	})
}

// withCluster runs something with a cluster, and ends it.
func (o *Options) withCluster(use func(leader *raft.Raft) error) error {
	if o.Data == "" && o.Store != "inmem" {
		folder, err := os.MkdirTemp("", "raftbench")
		if err != nil {
			return err
		}
		o.Data = folder
		defer os.RemoveAll(folder)
	}
	leader, end, err := o.cluster()
	if end != nil {
		defer end()
	}
	if err != nil {
		return err
	}
	return use(leader)
}

func (o *Options) measure(leader *raft.Raft, load Load) (*Result, error) {
	measured, err := o.run(leader, load)
	if err != nil {
		return nil, err
	}
	taken, elapsed := measured.taken, measured.elapsed
	each := func(time time.Duration) float64 { return float64(time.Microseconds()) / float64(max(1, len(taken))) }
	sort.Slice(taken, func(a, b int) bool { return taken[a] < taken[b] })
	at := func(share float64) float64 {
		if len(taken) == 0 {
			return 0
		}
		return float64(taken[min(len(taken)-1, int(share*float64(len(taken))))]) / float64(time.Millisecond)
	}
	return &Result{
		Transport: o.Transport, Store: o.Store, Nodes: o.Nodes, Clients: load.Clients, Bytes: load.Bytes,
		MaxAppend: o.MaxAppend, BatchApply: o.BatchApply, BatchingFSM: o.BatchingFSM,
		Seconds: elapsed.Seconds(), Applies: len(taken), PerSecond: float64(len(taken)) / elapsed.Seconds(),
		P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1),
		CPULeader: each(measured.own), CPUAll: each(measured.own + measured.others),
		Go: runtime.Version(), Processors: runtime.NumCPU(),
	}, nil
}

// warmingClients is how many there are at least while all is warmed up: a few would take long to have done each thing
// often.
const warmingClients = 64

const (
	warming = iota
	measuring
	over
)

// measured is how long each apply took that was answered in time, and the processor time meanwhile.
type measured struct {
	taken                []time.Duration
	elapsed, own, others time.Duration
}

// run has the clients apply one command after another.
func (o *Options) run(leader *raft.Raft, load Load) (*measured, error) {
	var phase atomic.Int32
	var done sync.WaitGroup
	taken := make([][]time.Duration, max(load.Clients, warmingClients))
	failures := make(chan error, len(taken))
	for client := range taken {
		done.Add(1)
		go func() {
			defer done.Done()
			// One reading of the clock ends a command and begins the next, which is made in no time.
			begun := time.Now()
			last := int32(measuring)
			if client >= load.Clients {
				last = warming
			}
			for number := uint64(0); phase.Load() <= last; number++ {
				// A command of its own each time, as a user's would be.
				command := make([]byte, max(load.Bytes, 16))
				binary.BigEndian.PutUint64(command, uint64(client))
				binary.BigEndian.PutUint64(command[8:], number)
				if err := leader.Apply(command, 0).Error(); err != nil {
					failures <- err
					return
				}
				ended := time.Now()
				if phase.Load() == measuring && client < load.Clients {
					taken[client] = append(taken[client], ended.Sub(begun))
				}
				begun = ended
			}
		}()
	}
	time.Sleep(seconds(load.Warmup))
	begun, own, others := time.Now(), processorTime(os.Getpid()), processorTime(o.others...)
	phase.Store(measuring)
	time.Sleep(seconds(load.Seconds))
	phase.Store(over)
	result := &measured{
		elapsed: time.Since(begun), own: processorTime(os.Getpid()) - own, others: processorTime(o.others...) - others,
	}
	done.Wait()
	for _, one := range taken {
		result.taken = append(result.taken, one...)
	}
	select {
	case err := <-failures:
		return nil, err
	default:
		return result, nil
	}
}
