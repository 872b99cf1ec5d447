package bench

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	boltdb "github.com/hashicorp/raft-boltdb/v2"
	wal "github.com/hashicorp/raft-wal"
)

var quiet = hclog.New(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Error})

// With stores in memory, logs are cut off behind a snapshot all the time, so that a measurement does not become one of how
// soon the machine finds more memory. Enough entries stay for a follower that was held up for some time.
const (
	compactingInterval = 250 * time.Millisecond
	compactingTrail    = 20_000
)

type stores struct {
	logs   raft.LogStore
	stable raft.StableStore
}

func (o *Options) open(name string) (*stores, error) {
	if o.Store == "inmem" {
		store := raft.NewInmemStore()
		return &stores{store, store}, nil
	}
	folder := filepath.Join(o.Data, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	opened := &stores{}
	switch o.Store {
	case "bolt":
		store, err := boltdb.NewBoltStore(filepath.Join(folder, "raft.db"))
		if err != nil {
			return nil, err
		}
		opened.logs, opened.stable = store, store
	case "wal":
		store, err := wal.Open(folder)
		if err != nil {
			return nil, err
		}
		opened.logs, opened.stable = store, store
	default:
		return nil, fmt.Errorf("no such store: %s", o.Store)
	}
	if o.Cache > 0 {
		cache, err := raft.NewLogCache(o.Cache, opened.logs)
		if err != nil {
			return nil, err
		}
		opened.logs = cache
	}
	return opened, nil
}

// start runs a server. The first campaigns as soon as its lease allows, and has the default timeouts once it leads; the
// others are patient, so that it is elected.
func (o *Options) start(name string, transport raft.Transport, first []raft.Server) (*raft.Raft, error) {
	opened, err := o.open(name)
	if err != nil {
		return nil, err
	}
	config := raft.DefaultConfig()
	config.LocalID, config.Logger = raft.ServerID(name), quiet
	config.MaxAppendEntries, config.BatchApplyCh = o.MaxAppend, o.BatchApply
	config.SnapshotInterval = time.Hour
	if o.Store == "inmem" {
		config.SnapshotInterval, config.TrailingLogs = compactingInterval, compactingTrail
	}
	snapshots := raft.NewInmemSnapshotStore()
	if first == nil {
		config.HeartbeatTimeout, config.ElectionTimeout = time.Minute, time.Minute
	} else {
		config.HeartbeatTimeout, config.ElectionTimeout = config.LeaderLeaseTimeout, config.LeaderLeaseTimeout
		configuration := raft.Configuration{Servers: first}
		err := raft.BootstrapCluster(config, opened.logs, opened.stable, snapshots, transport, configuration)
		if err != nil {
			return nil, err
		}
	}
	return raft.NewRaft(config, newMachine(o.BatchingFSM), opened.logs, opened.stable, snapshots, transport)
}

func (o *Options) tcp(bind string) (*raft.NetworkTransport, error) {
	return raft.NewTCPTransportWithConfig(bind, nil, &raft.NetworkTransportConfig{
		MaxPool: 3, Timeout: 10 * time.Second, Logger: quiet, MaxRPCsInFlight: o.MaxInFlight,
	})
}
