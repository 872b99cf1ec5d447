// Command raftrecord writes the fixtures: what hashicorp/raft says on the wire and keeps on disk.
//
//	raftrecord <folder>
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"interop/record"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "raftrecord <folder>")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out string) error {
	work, err := os.MkdirTemp("", "raftrecord")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	conversations := []struct {
		name  string
		setup record.Setup
	}{
		{"v3", record.Setup{Protocol: 3}},
		{"v3-new-time", record.Setup{Protocol: 3, NewTimeFormat: true}},
		{"v2", record.Setup{Protocol: 2}},
		{"v1", record.Setup{Protocol: 1}},
	}
	for _, one := range conversations {
		one.setup.Folder = filepath.Join(work, one.name)
		if err := record.Conversation(one.setup, one.name, out); err != nil {
			return err
		}
	}
	if err := record.Exchanges(out, work); err != nil {
		return err
	}
	if err := record.Snapshots(out); err != nil {
		return err
	}
	return about(out)
}

// about notes which versions made the fixtures.
func about(out string) error {
	facts := map[string]string{"go": runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			switch module.Path {
			case "github.com/hashicorp/raft", "github.com/hashicorp/go-msgpack/v2":
				facts[module.Path] = module.Version
			}
		}
	}
	text, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "about.json"), append(text, '\n'), 0o644)
}
