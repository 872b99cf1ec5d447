// Command raftpeer is one server of a cluster for tests. See the package node for its flags.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"interop/node"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 2 && arguments[0] == "inspect" {
		rows, err := node.Inspect(arguments[1])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	if len(arguments) == 2 && arguments[0] == "certificates" {
		return node.Certificates(arguments[1])
	}
	options, err := node.ParseOptions(arguments)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", options.Control)
	if err != nil {
		return err
	}
	server, err := node.Start(options)
	if err != nil {
		return err
	}
	if options.StopWithParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}
	trace := node.NewTrace(os.Stdout)
	server.Watch(trace)
	ended := make(chan struct{})
	control := &http.Server{Handler: server.Handler(ended)}
	go func() { _ = control.Serve(listener) }()
	trace.Note("ready", map[string]any{"id": options.ID, "control": listener.Addr().String(), "version": node.Version})
	<-ended
	return control.Shutdown(context.Background())
}
