// Package bench measures hashicorp/raft: three servers, clients in the leader's process that apply one command after
// another. Its figures are what ours are compared with, so it gives the original every advantage that its users have.
package bench

import (
	"flag"
	"fmt"
	"time"
)

// Load is clients that each apply one command after another for a while.
type Load struct {
	Clients int     `json:"clients"`
	Bytes   int     `json:"bytes"`
	Seconds float64 `json:"seconds"`
	// Seconds before that.
	Warmup float64 `json:"warmup"`
}

// Options is what to measure.
type Options struct {
	Load
	Transport, Store, Data        string
	Nodes                         int
	MaxAppend, MaxInFlight, Cache int
	BatchApply, BatchingFSM       bool
	// Loads are read from standard input.
	Serve bool
	// A follower in a process of its own: its name, and where it listens.
	Follower, Bind string
	// The followers' processes, once they run.
	others []int
}

// ParseOptions reads the flags.
func ParseOptions(arguments []string) (*Options, error) {
	options := &Options{}
	set := flag.NewFlagSet("raftbench", flag.ContinueOnError)
	set.StringVar(&options.Transport, "transport", "inmem", "inmem: all servers in this process; tcp: each in its own")
	set.StringVar(&options.Store, "store", "inmem", "inmem, bolt or wal")
	set.StringVar(&options.Data, "data", "", "folder of the stores; a new one that is removed afterwards if missing")
	set.IntVar(&options.Clients, "clients", 64, "clients, each with one command under way")
	set.IntVar(&options.Bytes, "bytes", 128, "of a command")
	set.IntVar(&options.Nodes, "nodes", 3, "servers")
	set.IntVar(&options.MaxAppend, "max-append", 64, "MaxAppendEntries")
	set.IntVar(&options.MaxInFlight, "max-in-flight", 0, "MaxRPCsInFlight")
	set.IntVar(&options.Cache, "log-cache", 512, "entries of the LogCache before a store on disk; 0 for none")
	set.BoolVar(&options.BatchApply, "batch-apply", false, "BatchApplyCh")
	set.BoolVar(&options.BatchingFSM, "batching-fsm", false, "an FSM that applies batches")
	set.Float64Var(&options.Seconds, "seconds", 5, "how long to measure")
	set.Float64Var(&options.Warmup, "warmup", 1, "seconds before that")
	set.BoolVar(&options.Serve, "serve", false, "read loads from standard input, one a line, and answer each with its result")
	set.StringVar(&options.Follower, "follower", "", "used by the program itself")
	set.StringVar(&options.Bind, "bind", "", "used by the program itself")
	if err := set.Parse(arguments); err != nil {
		return nil, err
	}
	if options.Transport != "inmem" && options.Transport != "tcp" {
		return nil, fmt.Errorf("no such transport: %s", options.Transport)
	}
	return options, nil
}

// flags gives a follower what it has in common with the leader.
func (o *Options) flags() []string {
	return []string{
		"-transport=tcp", "-store=" + o.Store, fmt.Sprint("-max-append=", o.MaxAppend),
		fmt.Sprint("-max-in-flight=", o.MaxInFlight), fmt.Sprint("-log-cache=", o.Cache),
		fmt.Sprint("-batch-apply=", o.BatchApply), fmt.Sprint("-batching-fsm=", o.BatchingFSM),
	}
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }
