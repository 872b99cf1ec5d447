package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"interop/kv"

	"github.com/hashicorp/raft"
)

// listed is a snapshot as raft.FileSnapshotStore reads it back.
type listed struct {
	Folder string `json:"folder"`
	// Position in the list: the newest is 0.
	Place int            `json:"place"`
	Meta  map[string]any `json:"meta"`
	// SHA-256 of the state, or the error that opening it gave.
	Hash  string `json:"hash"`
	Error string `json:"error"`
}

// sample is a snapshot to write.
type sample struct {
	folder        string
	index, term   uint64
	configuration raft.Configuration
	at            uint64
	state         []byte
}

// Snapshots writes folders as the original does, among them some that it would not write, and files what it reads.
func Snapshots(out string) error {
	folder := filepath.Join(out, "snapshots")
	for _, one := range samples() {
		if err := one.write(folder); err != nil {
			return err
		}
	}
	if err := spoil(folder); err != nil {
		return err
	}
	rows := []listed{}
	found, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range found {
		read, err := list(folder, entry.Name())
		if err != nil {
			return err
		}
		rows = append(rows, read...)
	}
	return saveLines(filepath.Join(out, "snapshots.jsonl"), rows)
}

func samples() []sample {
	voter := func(id string) raft.Server {
		return raft.Server{ID: raft.ServerID(id), Address: raft.ServerAddress(id + ":1")}
	}
	three := raft.Configuration{Servers: []raft.Server{voter("a"), voter("b"), voter("c")}}
	mixed := three.Clone()
	mixed.Servers[1].Suffrage, mixed.Servers[2].Suffrage = raft.Nonvoter, raft.Staging
	escapes := raft.Configuration{Servers: []raft.Server{voter("<&>\u2028\u2029\"\\\n\x01é\U0001f600"), voter("not \xff utf8")}}
	list := []sample{
		{"one-server", 3, 2, raft.Configuration{Servers: []raft.Server{voter("a")}}, 1, kv.SnapshotBytes(1)},
		{"suffrages", 40, 3, mixed, 39, kv.SnapshotBytes(20)},
		{"escapes", 5, 2, escapes, 1, kv.SnapshotBytes(2)},
		{"no-servers", 5, 2, raft.Configuration{}, 0, kv.SnapshotBytes(2)},
		{"empty-state", 5, 2, three, 1, nil},
		{"larger-than-a-buffer", 900, 2, three, 1, bytes.Repeat([]byte("0123456789abcdef"), 700)},
		{"large-numbers", 1<<53 - 1, 1<<53 - 2, three, 1<<53 - 3, kv.SnapshotBytes(1)},
		{"beyond-safe-numbers", 1 << 53, 2, three, 1, kv.SnapshotBytes(1)},
		{"version-0", 5, 2, three, 1, kv.SnapshotBytes(2)},
		{"wrong-sum", 5, 2, three, 1, kv.SnapshotBytes(2)},
		{"unknown-version", 5, 2, three, 1, kv.SnapshotBytes(2)},
		{"left-over", 5, 2, three, 1, kv.SnapshotBytes(2)},
	}
	for _, place := range [][2]uint64{{100, 2}, {99, 3}, {9, 2}, {10, 2}} {
		list = append(list, sample{"order", place[0], place[1], three, 1, kv.SnapshotBytes(1)})
	}
	return list
}

func (s sample) write(folder string) error {
	base := filepath.Join(folder, s.folder)
	if err := os.MkdirAll(base, 0o755); err != nil {
		return err
	}
	store, err := raft.NewFileSnapshotStoreWithLogger(base, 100, quiet)
	if err != nil {
		return err
	}
	_, transport := raft.NewInmemTransport("a:1")
	sink, err := store.Create(raft.SnapshotVersionMax, s.index, s.term, s.configuration, s.at, transport)
	if err != nil {
		return err
	}
	if _, err := sink.Write(s.state); err != nil {
		return err
	}
	return sink.Close()
}

// spoil makes of some folders what an older version, a crash or a bad disk would have left.
func spoil(folder string) error {
	edits := map[string]func(meta map[string]any){
		"version-0":       func(meta map[string]any) { meta["Version"] = 0; delete(meta, "Configuration") },
		"unknown-version": func(meta map[string]any) { meta["Version"] = 2 },
	}
	for name, edit := range edits {
		path, err := only(folder, name, "meta.json")
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		meta := map[string]any{}
		if err := json.Unmarshal(text, &meta); err != nil {
			return err
		}
		edit(meta)
		if text, err = json.Marshal(meta); err != nil {
			return err
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	state, err := only(folder, "wrong-sum", "state.bin")
	if err != nil {
		return err
	}
	if err := os.WriteFile(state, kv.SnapshotBytes(3), 0o644); err != nil {
		return err
	}
	left, err := only(folder, "left-over", "")
	if err != nil {
		return err
	}
	return os.Rename(left, filepath.Clean(left)+".tmp")
}

func only(folder, name, file string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, name, "snapshots", "*", file))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%d of %s/%s, %v", len(found), name, file, err)
	}
	return found[0], nil
}

func list(folder, name string) ([]listed, error) {
	store, err := raft.NewFileSnapshotStoreWithLogger(filepath.Join(folder, name), 100, quiet)
	if err != nil {
		return nil, err
	}
	metas, err := store.List()
	if err != nil {
		return nil, err
	}
	rows := []listed{}
	for place, meta := range metas {
		row := listed{Folder: name, Place: place, Meta: valueOf(meta).(map[string]any)}
		if _, reader, err := store.Open(meta.ID); err != nil {
			row.Error = err.Error()
		} else {
			hash := sha256.New()
			if _, err := io.Copy(hash, reader); err != nil {
				return nil, err
			}
			_ = reader.Close()
			row.Hash = hex.EncodeToString(hash.Sum(nil))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
