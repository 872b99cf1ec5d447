package kv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	snapshotFormat  = "raft-demo-kv"
	snapshotVersion = 1
	// No value of a snapshot is larger.
	valueLimit = 1 << 30
)

// encode writes the state in the form of a snapshot.
func (s *State) encode(out io.Writer) error {
	buffered := bufio.NewWriterSize(out, 64*1024)
	piece := packMap(nil, 6)
	piece = packString(packString(piece, "format"), snapshotFormat)
	piece = packUint(packString(piece, "version"), snapshotVersion)
	piece = packUint(packString(piece, "applied"), s.Applied)
	piece = packBytes(packString(piece, "digest"), s.Digest[:])
	piece = packUint(packString(piece, "members"), uint64(len(s.Members)))
	piece = packUint(packString(piece, "entries"), uint64(len(s.Entries)))
	if _, err := buffered.Write(piece); err != nil {
		return err
	}
	for _, id := range s.memberIDs() {
		piece = packString(packString(packArray(piece[:0], 2), id), s.Members[id])
		if _, err := buffered.Write(piece); err != nil {
			return err
		}
	}
	for _, key := range s.keys() {
		entry := s.Entries[key]
		piece = packBytes(packString(packArray(piece[:0], 4), key), entry.Value)
		piece = packUint(packUint(piece, entry.Index), entry.Version)
		if _, err := buffered.Write(piece); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// decodeState reads a snapshot and refuses one that is cut short, goes on after its end, or is out of order.
func decodeState(in io.Reader) (*State, error) {
	from := &unpacker{in: bufio.NewReaderSize(in, 64*1024), limit: valueLimit}
	state := newState()
	members, entries, err := state.readHeader(from)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	previous := ""
	for ; members > 0; members-- {
		item, err := readArray(from, 2)
		if err != nil {
			return nil, err
		}
		id, isText := item[0].(string)
		http, alsoText := item[1].(string)
		if !isText || !alsoText || (len(state.Members) > 0 && id <= previous) {
			return nil, errors.New("snapshot: a member is not two strings, or out of order")
		}
		state.Members[id], previous = http, id
	}
	last := uint64(0)
	for ; entries > 0; entries-- {
		item, err := readArray(from, 4)
		if err != nil {
			return nil, err
		}
		key, isText := item[0].(string)
		value, isBytes := item[1].([]byte)
		index, isIndex := item[2].(uint64)
		version, isVersion := item[3].(uint64)
		if !isText || !isBytes || !isIndex || !isVersion {
			return nil, errors.New("snapshot: an entry is not key, value, index and version")
		}
		if _, twice := state.Entries[key]; twice || index <= last {
			return nil, fmt.Errorf("snapshot: %q is out of order", key)
		}
		state.Entries[key], last = &Entry{Value: value, Index: index, Version: version}, index
	}
	if _, err := from.value(); err != io.EOF {
		return nil, errors.New("snapshot: more values than its header says")
	}
	return state, nil
}

func (s *State) readHeader(from *unpacker) (members, entries uint64, err error) {
	value, err := from.value()
	if err != nil {
		return 0, 0, err
	}
	header, _ := value.(fields)
	if header["format"] != snapshotFormat {
		return 0, 0, errors.New("not one of " + snapshotFormat)
	}
	if header["version"] != uint64(snapshotVersion) {
		return 0, 0, fmt.Errorf("version %v, and only %d is known", header["version"], snapshotVersion)
	}
	applied, isApplied := header["applied"].(uint64)
	digest, isDigest := header["digest"].([]byte)
	members, isMembers := header["members"].(uint64)
	entries, isEntries := header["entries"].(uint64)
	if !isApplied || !isMembers || !isEntries {
		return 0, 0, errors.New("a count is no number")
	}
	if !isDigest || len(digest) != len(s.Digest) {
		return 0, 0, errors.New("the digest is not 32 bytes")
	}
	s.Applied = applied
	copy(s.Digest[:], digest)
	return members, entries, nil
}

func readArray(from *unpacker, size int) ([]any, error) {
	value, err := from.value()
	if err == io.EOF {
		return nil, errors.New("snapshot: cut short")
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	items, ok := value.([]any)
	if !ok || len(items) != size {
		return nil, fmt.Errorf("snapshot: a value is no array of %d", size)
	}
	return items, nil
}
