package node

import (
	"io"
	"os"
	"path/filepath"

	"interop/kv"

	"github.com/hashicorp/raft"
	boltdb "github.com/hashicorp/raft-boltdb/v2"
)

// Node is a server that runs.
type Node struct {
	*raft.Raft
	options   *Options
	machine   *kv.Machine
	logs      raft.LogStore
	snapshots raft.SnapshotStore
	closers   []io.Closer
}

// Start opens the stores and the transport and starts the server. With `bootstrap` a server without state begins with
// that configuration; others go on where they were.
func Start(options *Options) (*Node, error) {
	node := &Node{options: options, machine: kv.NewMachine()}
	stable, err := node.openStores()
	if err != nil {
		return nil, err
	}
	transport, err := options.transport()
	if err != nil {
		return nil, err
	}
	config := options.config()
	if options.Bootstrap != "" {
		configuration, err := options.configuration()
		if err != nil {
			return nil, err
		}
		err = raft.BootstrapCluster(config, node.logs, stable, node.snapshots, transport, configuration)
		if err != nil && err != raft.ErrCantBootstrap {
			return nil, err
		}
	}
	node.Raft, err = raft.NewRaft(config, node.machine, node.logs, stable, node.snapshots, transport)
	return node, err
}

func (n *Node) openStores() (raft.StableStore, error) {
	if n.options.Data == "" {
		store := raft.NewInmemStore()
		n.logs, n.snapshots = store, raft.NewInmemSnapshotStore()
		return store, nil
	}
	if err := os.MkdirAll(n.options.Data, 0o755); err != nil {
		return nil, err
	}
	snapshots, err := raft.NewFileSnapshotStore(n.options.Data, n.options.Retain, os.Stderr)
	if err != nil {
		return nil, err
	}
	n.snapshots = snapshots
	if n.options.Store == "inmem" {
		store := raft.NewInmemStore()
		n.logs = store
		return store, nil
	}
	store, err := boltdb.NewBoltStore(filepath.Join(n.options.Data, "raft.db"))
	if err != nil {
		return nil, err
	}
	n.logs, n.closers = store, []io.Closer{store}
	return store, nil
}

// Stop ends the server and closes what it opened.
func (n *Node) Stop() error {
	err := n.Raft.Shutdown().Error()
	for _, closer := range n.closers {
		if failed := closer.Close(); err == nil {
			err = failed
		}
	}
	return err
}
