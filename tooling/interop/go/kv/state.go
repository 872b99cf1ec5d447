package kv

import (
	"crypto/sha256"
	"encoding/binary"
	"sort"
)

// Entry is what is known of a key. It never changes: a new one takes its place.
type Entry struct {
	Value   []byte `json:"value"`
	Index   uint64 `json:"index"`
	Version uint64 `json:"version"`
}

// Result is what a command answers.
type Result struct {
	Index   uint64 `json:"index"`
	Done    bool   `json:"done"`
	Existed bool   `json:"existed"`
	Entry   *Entry `json:"entry"`
}

// State is what every node holds alike.
type State struct {
	Applied uint64
	Digest  [32]byte
	Members map[string]string
	Entries map[string]*Entry
}

func newState() *State {
	return &State{Members: map[string]string{}, Entries: map[string]*Entry{}}
}

func (s *State) copy() *State {
	next := &State{Applied: s.Applied, Digest: s.Digest}
	next.Members = make(map[string]string, len(s.Members))
	for id, http := range s.Members {
		next.Members[id] = http
	}
	next.Entries = make(map[string]*Entry, len(s.Entries))
	for key, entry := range s.Entries {
		next.Entries[key] = entry
	}
	return next
}

// record counts a command in, whatever it is.
func (s *State) record(index uint64, data []byte) {
	hash := sha256.New()
	hash.Write(s.Digest[:])
	hash.Write(binary.BigEndian.AppendUint64(nil, index))
	hash.Write(data)
	hash.Sum(s.Digest[:0])
	s.Applied++
}

func (s *State) apply(index uint64, command Command) Result {
	if command.Op == "member" {
		_, existed := s.Members[command.ID]
		s.Members[command.ID] = command.HTTP
		return Result{Index: index, Done: true, Existed: existed}
	}
	before, existed := s.Entries[command.Key]
	if command.Op == "get" {
		return Result{Index: index, Done: true, Existed: existed, Entry: before}
	}
	last, version := uint64(0), uint64(0)
	if existed {
		last, version = before.Index, before.Version
	}
	if command.Expect != nil && *command.Expect != last {
		return Result{Index: index, Done: false, Existed: existed, Entry: before}
	}
	if command.Op == "delete" {
		delete(s.Entries, command.Key)
		return Result{Index: index, Done: true, Existed: existed}
	}
	entry := &Entry{Value: command.Value, Index: index, Version: version + 1}
	s.Entries[command.Key] = entry
	return Result{Index: index, Done: true, Existed: existed, Entry: entry}
}

// keys lists the keys by the index of their entry.
func (s *State) keys() []string {
	keys := make([]string, 0, len(s.Entries))
	for key := range s.Entries {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(a, b int) bool { return s.Entries[keys[a]].Index < s.Entries[keys[b]].Index })
	return keys
}

func (s *State) memberIDs() []string {
	ids := make([]string, 0, len(s.Members))
	for id := range s.Members {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}
