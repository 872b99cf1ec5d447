package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"interop/kv"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// quiet is where servers log to.
var quiet = hclog.New(&hclog.LoggerOptions{Output: io.Discard})

// Setup is what the servers of a recorded cluster have in common.
type Setup struct {
	Protocol      int
	NewTimeFormat bool
	Folder        string
}

// Server is one server of a recorded cluster, with its log in memory and its snapshots in a folder.
type Server struct {
	*raft.Raft
	Name      string
	Address   raft.ServerAddress
	Machine   *kv.Machine
	Store     *raft.InmemStore
	Snapshots *raft.FileSnapshotStore
	transport *raft.NetworkTransport
	config    *raft.Config
}

// ID is the name, or the address below protocol version 3.
func (s *Server) ID() raft.ServerID { return s.config.LocalID }

func (s *Setup) config() *raft.Config {
	config := raft.DefaultConfig()
	config.ProtocolVersion = raft.ProtocolVersion(s.Protocol)
	config.HeartbeatTimeout, config.ElectionTimeout = 250*time.Millisecond, 250*time.Millisecond
	config.LeaderLeaseTimeout, config.CommitTimeout = 200*time.Millisecond, 50*time.Millisecond
	config.SnapshotInterval, config.TrailingLogs = time.Hour, 0
	config.ShutdownOnRemove = false
	config.Logger = quiet
	return config
}

// Add makes a server and does not start it.
func (s *Setup) Add(tape *Tape, name string) (*Server, error) {
	streams, err := tape.Listen(name)
	if err != nil {
		return nil, err
	}
	server := &Server{Name: name, Address: raft.ServerAddress(streams.Addr().String()), config: s.config()}
	server.transport = raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream: streams, MaxPool: 3, Timeout: 2 * time.Second, Logger: quiet, MsgpackUseNewTimeFormat: s.NewTimeFormat,
	})
	server.config.LocalID = raft.ServerID(name)
	if s.Protocol < 3 {
		server.config.LocalID = raft.ServerID(server.Address)
	}
	server.Machine, server.Store = kv.NewMachine(), raft.NewInmemStore()
	folder := filepath.Join(s.Folder, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	server.Snapshots, err = raft.NewFileSnapshotStoreWithLogger(folder, 10, quiet)
	return server, err
}

// Start runs the server; with servers given it begins with these as voters.
func (s *Server) Start(voters ...*Server) (err error) {
	if len(voters) > 0 {
		configuration := raft.Configuration{}
		for _, voter := range voters {
			configuration.Servers = append(configuration.Servers, raft.Server{ID: voter.ID(), Address: voter.Address})
		}
		err = raft.BootstrapCluster(s.config, s.Store, s.Store, s.Snapshots, s.transport, configuration)
		if err != nil {
			return err
		}
	}
	s.Raft, err = raft.NewRaft(s.config, s.Machine, s.Store, s.Store, s.Snapshots, s.transport)
	return err
}

// Stop ends the server and its transport.
func (s *Server) Stop() { _ = s.Shutdown().Error() }

func (s *Server) put(key string, size int) error {
	data, err := kv.Command{Op: "put", Key: key, Value: make([]byte, size)}.Encode()
	if err != nil {
		return err
	}
	return s.Apply(data, time.Second).Error()
}

// putMany has all of them under way at once, so that they travel in batches and in a pipeline.
func (s *Server) putMany(count int) error {
	futures := []raft.ApplyFuture{}
	for i := 0; i < count; i++ {
		data, _ := kv.Command{Op: "put", Key: fmt.Sprint("many", i), Value: []byte{byte(i)}}.Encode()
		futures = append(futures, s.Apply(data, time.Second))
	}
	for _, future := range futures {
		if err := future.Error(); err != nil {
			return err
		}
	}
	return nil
}

func waitFor(what string, holds func() bool) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return nil
		}
	}
	return errors.New("waited in vain: " + what)
}

func leaderOf(servers ...*Server) (*Server, error) {
	var leader *Server
	err := waitFor("a leader", func() bool {
		for _, server := range servers {
			if server.State() == raft.Leader && server.VerifyLeader().Error() == nil {
				leader = server
				return true
			}
		}
		return false
	})
	return leader, err
}

func allApplied(leader *Server, servers ...*Server) error {
	return waitFor("equal machines", func() bool {
		want := leader.Machine.Summary()
		for _, server := range servers {
			have := server.Machine.Summary()
			if have.Hash != want.Hash {
				return false
			}
		}
		return true
	})
}

func others(of *Server, servers ...*Server) []*Server {
	rest := []*Server{}
	for _, server := range servers {
		if server != of {
			rest = append(rest, server)
		}
	}
	return rest
}
