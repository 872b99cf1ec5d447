// Command raftbench measures how many commands hashicorp/raft applies, and how soon; it prints one JSON object,
// or one for each load that it reads.
//
//	raftbench -transport=tcp -store=bolt -clients=64 -max-append=1024 -batch-apply -batching-fsm
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"interop/bench"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	options, err := bench.ParseOptions(arguments)
	if err != nil {
		return err
	}
	if options.Follower != "" {
		return options.Follow()
	}
	if options.Serve {
		return options.ServeLoads(os.Stdin, os.Stdout)
	}
	result, err := options.Run()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
