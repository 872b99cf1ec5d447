// Package kv is the key-value state machine of the demo: the same commands and snapshots, byte for byte, as
// tooling/demo/FORMAT.md says.
package kv

import "encoding/binary"

// The writers below take the shortest form of each kind, as FORMAT.md demands.

func packMap(out []byte, fields int) []byte {
	return append(out, 0x80|byte(fields))
}

func packArray(out []byte, items int) []byte {
	return append(out, 0x90|byte(items))
}

func packString(out []byte, text string) []byte {
	size := len(text)
	switch {
	case size < 32:
		out = append(out, 0xa0|byte(size))
	case size <= 0xff:
		out = append(out, 0xd9, byte(size))
	case size <= 0xffff:
		out = binary.BigEndian.AppendUint16(append(out, 0xda), uint16(size))
	default:
		out = binary.BigEndian.AppendUint32(append(out, 0xdb), uint32(size))
	}
	return append(out, text...)
}

func packBytes(out []byte, bytes []byte) []byte {
	size := len(bytes)
	switch {
	case size <= 0xff:
		out = append(out, 0xc4, byte(size))
	case size <= 0xffff:
		out = binary.BigEndian.AppendUint16(append(out, 0xc5), uint16(size))
	default:
		out = binary.BigEndian.AppendUint32(append(out, 0xc6), uint32(size))
	}
	return append(out, bytes...)
}

func packUint(out []byte, value uint64) []byte {
	switch {
	case value < 0x80:
		return append(out, byte(value))
	case value <= 0xff:
		return append(out, 0xcc, byte(value))
	case value <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, 0xcd), uint16(value))
	case value <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(out, 0xce), uint32(value))
	default:
		return binary.BigEndian.AppendUint64(append(out, 0xcf), value)
	}
}
