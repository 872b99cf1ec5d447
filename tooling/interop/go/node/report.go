package node

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strconv"

	"github.com/hashicorp/raft"
)

type server struct {
	ID       string `json:"id"`
	Address  string `json:"address"`
	Suffrage string `json:"suffrage"`
}

func servers(configuration raft.Configuration) []server {
	list := []server{}
	for _, one := range configuration.Servers {
		list = append(list, server{string(one.ID), string(one.Address), one.Suffrage.String()})
	}
	return list
}

func (n *Node) stat(name string) uint64 {
	value, _ := strconv.ParseUint(n.Stats()[name], 10, 64)
	return value
}

func (n *Node) term() uint64 { return n.stat("term") }

func (n *Node) stats() map[string]any {
	address, id := n.LeaderWithID()
	first, _ := n.logs.FirstIndex()
	return map[string]any{
		"id": n.options.ID, "kind": "go", "version": Version, "state": n.State().String(), "term": n.term(),
		"leader": string(id), "leaderAddress": string(address), "firstIndex": first, "lastIndex": n.LastIndex(),
		"commitIndex": n.stat("commit_index"), "appliedIndex": n.AppliedIndex(),
		"snapshotIndex": n.stat("last_snapshot_index"),
	}
}

type logRow struct {
	Index uint64 `json:"index"`
	Term  uint64 `json:"term"`
	Type  uint8  `json:"type"`
	// The hash of the data and then the extensions; nil and empty differ.
	Hash string `json:"hash"`
}

func hashParts(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		if part == nil {
			hash.Write([]byte("nil;"))
			continue
		}
		hash.Write([]byte(strconv.Itoa(len(part)) + ";"))
		hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// log lists the entries that are there: a user's restore leaves a hole.
func (n *Node) log(from, through uint64) ([]logRow, error) {
	rows := []logRow{}
	for index := from; index <= through; index++ {
		var entry raft.Log
		err := n.logs.GetLog(index, &entry)
		if err == raft.ErrLogNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, logRow{entry.Index, entry.Term, uint8(entry.Type), hashParts(entry.Data, entry.Extensions)})
	}
	return rows, nil
}

type snapshotRow struct {
	ID                 string   `json:"id"`
	Version            int      `json:"version"`
	Index              uint64   `json:"index"`
	Term               uint64   `json:"term"`
	ConfigurationIndex uint64   `json:"configurationIndex"`
	Servers            []server `json:"servers"`
	Peers              []byte   `json:"peers"`
	Size               int64    `json:"size"`
	// The hash of the bytes of the state, or why it could not be opened.
	Hash  string `json:"hash,omitempty"`
	Error string `json:"error,omitempty"`
}

// Inspect lists the snapshots of a folder as raft.FileSnapshotStore sees them, and reads each to its end.
func Inspect(folder string) ([]snapshotRow, error) {
	store, err := raft.NewFileSnapshotStore(folder, 1000, os.Stderr)
	if err != nil {
		return nil, err
	}
	metas, err := store.List()
	if err != nil {
		return nil, err
	}
	rows := []snapshotRow{}
	for _, meta := range metas {
		row := snapshotRow{
			ID: meta.ID, Version: int(meta.Version), Index: meta.Index, Term: meta.Term, Peers: meta.Peers,
			ConfigurationIndex: meta.ConfigurationIndex, Servers: servers(meta.Configuration), Size: meta.Size,
		}
		row.Hash, err = hashSnapshot(store, meta.ID)
		if err != nil {
			row.Error = err.Error()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func hashSnapshot(store raft.SnapshotStore, id string) (string, error) {
	_, reader, err := store.Open(id)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
