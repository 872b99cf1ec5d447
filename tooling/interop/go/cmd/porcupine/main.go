// Command porcupine reads histories as JSON lines and says of each whether it is linearizable. The verdicts are compared
// with those of the checker in @raft/testing.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// operation is one line's operation. An Output of null was never told to the client.
type operation struct {
	Client int     `json:"client"`
	Kind   string  `json:"kind"`
	Key    string  `json:"key"`
	Value  string  `json:"value"`
	Expect string  `json:"expected"`
	Output *string `json:"output"`
	Begun  int64   `json:"begun"`
	Ended  int64   `json:"ended"`
}

// history is one line. Without Keyed all operations are of one register, whatever their keys.
type history struct {
	Keyed      bool        `json:"keyed"`
	Operations []operation `json:"operations"`
}

func step(state, input, output any) (bool, any) {
	value := state.(string)
	op := input.(operation)
	given := output.(*string)
	fits := func(answer string) bool { return given == nil || *given == answer }
	switch op.Kind {
	case "read":
		return fits(value), value
	case "write":
		return fits(""), op.Value
	case "append":
		return fits(value), value + op.Value
	case "swap":
		if value != op.Expect {
			return fits("no " + value), value
		}
		return fits("yes"), op.Value
	}
	panic("unknown kind " + op.Kind)
}

func partition(operations []porcupine.Operation) [][]porcupine.Operation {
	byKey := map[string][]porcupine.Operation{}
	for _, each := range operations {
		key := each.Input.(operation).Key
		byKey[key] = append(byKey[key], each)
	}
	parts := [][]porcupine.Operation{}
	for _, part := range byKey {
		parts = append(parts, part)
	}
	return parts
}

func verdict(line history) porcupine.CheckResult {
	model := porcupine.Model{Init: func() any { return "" }, Step: step}
	if line.Keyed {
		model.Partition = partition
	}
	operations := []porcupine.Operation{}
	for _, op := range line.Operations {
		ended := op.Ended
		if ended < 0 {
			// It may take effect at any time, or never: then it is after everything that was seen.
			ended = math.MaxInt64
		}
		operations = append(operations, porcupine.Operation{
			ClientId: op.Client, Input: op, Call: op.Begun, Output: op.Output, Return: ended,
		})
	}
	return porcupine.CheckOperationsTimeout(model, operations, 10*time.Second)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var line history
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		switch verdict(line) {
		case porcupine.Ok:
			fmt.Fprintln(out, "linearizable")
		case porcupine.Illegal:
			fmt.Fprintln(out, "impossible")
		default:
			fmt.Fprintln(out, "undecided")
		}
	}
}
