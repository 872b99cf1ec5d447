package node

import (
	"encoding/binary"
	"fmt"
	"time"

	"interop/kv"

	"github.com/hashicorp/raft"
)

// command is a command of the key-value machine, or bytes as they are.
type command struct {
	kv.Command
	Data       []byte `json:"data"`
	Extensions []byte `json:"extensions"`
}

func (c command) log() (raft.Log, error) {
	if c.Op == "" {
		return raft.Log{Data: c.Data, Extensions: c.Extensions}, nil
	}
	data, err := c.Command.Encode()
	return raft.Log{Data: data, Extensions: c.Extensions}, err
}

// apply submits all commands in order, then waits for all. Each has its own answer or its own error.
func (n *Node) apply(body *request) (any, error) {
	futures := make([]raft.ApplyFuture, len(body.Commands))
	for i, one := range body.Commands {
		log, err := one.log()
		if err != nil {
			return nil, err
		}
		futures[i] = n.ApplyLog(log, body.timeout())
	}
	answers := make([]any, len(futures))
	for i, future := range futures {
		answers[i] = n.result(future)
	}
	return answers, nil
}

func (n *Node) result(future raft.ApplyFuture) any {
	if err := future.Error(); err != nil {
		return map[string]any{"error": n.failure(err)}
	}
	if refused, ok := future.Response().(error); ok {
		return map[string]any{"index": future.Index(), "refused": refused.Error()}
	}
	return future.Response()
}

// fill puts `count` keys of `bytes` each, with at most `window` of them under way.
func (n *Node) fill(body *request) (any, error) {
	window := max(body.Window, 1)
	waiting := make(chan raft.ApplyFuture, window)
	failed := make(chan error, 1)
	start := time.Now()
	go func() {
		var first error
		for future := range waiting {
			if err := future.Error(); err != nil && first == nil {
				first = err
			}
		}
		failed <- first
	}()
	for i := 0; i < body.Count; i++ {
		one := kv.Command{Op: "put", Key: fmt.Sprintf("%s%d", body.Prefix, i), Value: Filler(i, body.Bytes)}
		data, err := one.Encode()
		if err != nil {
			return nil, err
		}
		waiting <- n.Apply(data, body.timeout())
	}
	close(waiting)
	err := <-failed
	return map[string]any{"milliseconds": time.Since(start).Milliseconds()}, err
}

// Filler makes the bytes that `fill` puts under its i-th key: numbers that look random and are the same everywhere.
func Filler(i, size int) []byte {
	bytes := make([]byte, size+4)
	state := uint32(i)*2654435761 + 1
	for at := 0; at < size; at += 4 {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		binary.LittleEndian.PutUint32(bytes[at:], state)
	}
	return bytes[:size:size]
}
