package kv

import (
	"bytes"
	"errors"
	"fmt"
)

// Command is one entry of the log. Value, Expect and HTTP count only where FORMAT.md has them.
type Command struct {
	Op     string  `json:"op"`
	Key    string  `json:"key,omitempty"`
	Value  []byte  `json:"value,omitempty"`
	Expect *uint64 `json:"expect,omitempty"`
	ID     string  `json:"id,omitempty"`
	HTTP   string  `json:"http,omitempty"`
}

// Encode writes the bytes of the command.
func (c Command) Encode() ([]byte, error) {
	count := 2
	if c.Op == "put" || c.Op == "member" {
		count++
	}
	if c.Expect != nil {
		count++
	}
	out := packString(packString(packMap(make([]byte, 0, 48+len(c.Key)+len(c.Value)), count), "op"), c.Op)
	switch c.Op {
	case "put", "delete", "get":
		out = packString(packString(out, "key"), c.Key)
		if c.Op == "put" {
			out = packBytes(packString(out, "value"), c.Value)
		}
		if c.Expect != nil {
			if c.Op == "get" {
				return nil, errors.New("a get takes no condition")
			}
			out = packUint(packString(out, "expect"), *c.Expect)
		}
	case "member":
		out = packString(packString(out, "id"), c.ID)
		out = packString(packString(out, "http"), c.HTTP)
	default:
		return nil, fmt.Errorf("unknown op %q", c.Op)
	}
	return out, nil
}

// DecodeCommand reads the bytes of a command; an error means that they are none.
func DecodeCommand(data []byte) (Command, error) {
	in := bytes.NewReader(data)
	value, err := (&unpacker{in: in, limit: uint64(len(data))}).value()
	if err != nil {
		return Command{}, fmt.Errorf("not a MessagePack value: %w", err)
	}
	if in.Len() > 0 {
		return Command{}, errors.New("not a MessagePack value: something follows")
	}
	found, ok := value.(fields)
	if !ok {
		return Command{}, errors.New("not a map")
	}
	command := Command{}
	command.Op, _ = found["op"].(string)
	switch command.Op {
	case "put", "delete", "get":
		if command.Key, ok = found["key"].(string); !ok {
			return Command{}, errors.New("key is not a string")
		}
	case "member":
		if command.ID, ok = found["id"].(string); !ok {
			return Command{}, errors.New("id is not a string")
		}
		if command.HTTP, ok = found["http"].(string); !ok {
			return Command{}, errors.New("http is not a string")
		}
		return command, nil
	default:
		return Command{}, fmt.Errorf("unknown op %q", command.Op)
	}
	if command.Op == "put" {
		if command.Value, ok = found["value"].([]byte); !ok {
			return Command{}, errors.New("value is not bytes")
		}
	}
	if expect, present := found["expect"]; present && command.Op != "get" {
		index, ok := expect.(uint64)
		if !ok || index > 1<<53-1 {
			return Command{}, errors.New("expect is not an index")
		}
		command.Expect = &index
	}
	return command, nil
}
