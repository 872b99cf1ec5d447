// Package node is one server of a cluster for tests: hashicorp/raft with the key-value machine, and a way to control it
// over HTTP. The TypeScript server of ../src/tspeer takes the same flags and answers the same requests.
package node

import (
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// Options is what the flags say.
type Options struct {
	ID, Raft, Advertise, Control, Data, Store string
	TLSCert, TLSKey, TLSCA                    string
	NewTimeFormat, NoPreVote, BatchApply      bool
	Protocol, MaxAppend, MaxInFlight, Retain  int
	Heartbeat, Election, Lease, Commit        time.Duration
	SnapshotInterval, Timeout                 time.Duration
	SnapshotThreshold, Trailing               uint64
	Bootstrap, LogLevel                       string
	KeepOnRemove, StopWithParent              bool
}

// ParseOptions reads the flags. Durations are milliseconds.
func ParseOptions(arguments []string) (*Options, error) {
	options := &Options{}
	set := flag.NewFlagSet("peer", flag.ContinueOnError)
	set.StringVar(&options.ID, "id", "", "the server's ID")
	set.StringVar(&options.Raft, "raft", "127.0.0.1:0", "where peers reach the server")
	set.StringVar(&options.Advertise, "advertise", "", "the address in the configuration, if it is another one")
	set.StringVar(&options.Control, "control", "127.0.0.1:0", "where tests reach the server")
	set.StringVar(&options.Data, "data", "", "folder of the log and the snapshots; without it both are in memory")
	set.StringVar(&options.Store, "store", "", "'inmem' keeps the log in memory although there is a folder")
	set.StringVar(&options.TLSCert, "tls-cert", "", "certificate; with it all is TLS, both ways")
	set.StringVar(&options.TLSKey, "tls-key", "", "its key")
	set.StringVar(&options.TLSCA, "tls-ca", "", "the authority that peers' certificates are checked by")
	set.BoolVar(&options.NewTimeFormat, "new-time-format", false, "MsgpackUseNewTimeFormat")
	set.BoolVar(&options.NoPreVote, "no-pre-vote", false, "PreVoteDisabled")
	set.BoolVar(&options.BatchApply, "batch-apply", false, "BatchApplyCh")
	set.BoolVar(&options.KeepOnRemove, "keep-on-remove", false, "not ShutdownOnRemove")
	set.BoolVar(&options.StopWithParent, "stop-with-parent", false, "ends when standard input does")
	set.IntVar(&options.Protocol, "protocol", 3, "ProtocolVersion")
	set.IntVar(&options.MaxAppend, "max-append", 64, "MaxAppendEntries")
	set.IntVar(&options.MaxInFlight, "max-in-flight", 0, "MaxRPCsInFlight")
	set.IntVar(&options.Retain, "retain", 2, "snapshots to keep")
	set.StringVar(&options.Bootstrap, "bootstrap", "", "id=address,… of the first configuration; without effect on a server with state")
	set.StringVar(&options.LogLevel, "log-level", "info", "of the log on stderr")
	set.Uint64Var(&options.SnapshotThreshold, "snapshot-threshold", 8192, "SnapshotThreshold")
	set.Uint64Var(&options.Trailing, "trailing", 10240, "TrailingLogs")
	milliseconds(set, &options.Heartbeat, "heartbeat", 1000)
	milliseconds(set, &options.Election, "election", 1000)
	milliseconds(set, &options.Lease, "lease", 500)
	milliseconds(set, &options.Commit, "commit", 50)
	milliseconds(set, &options.SnapshotInterval, "snapshot-interval", 120_000)
	milliseconds(set, &options.Timeout, "timeout", 10_000)
	if err := set.Parse(arguments); err != nil {
		return nil, err
	}
	if options.Advertise == "" {
		options.Advertise = options.Raft
	}
	return options, nil
}

func milliseconds(set *flag.FlagSet, target *time.Duration, name string, value int) {
	*target = time.Duration(value) * time.Millisecond
	set.Func(name, fmt.Sprintf("milliseconds (default %d)", value), func(text string) error {
		duration, err := time.ParseDuration(text + "ms")
		*target = duration
		return err
	})
}

func (o *Options) config() *raft.Config {
	config := raft.DefaultConfig()
	config.LocalID = raft.ServerID(o.ID)
	config.ProtocolVersion = raft.ProtocolVersion(o.Protocol)
	config.HeartbeatTimeout, config.ElectionTimeout = o.Heartbeat, o.Election
	config.LeaderLeaseTimeout, config.CommitTimeout = o.Lease, o.Commit
	config.MaxAppendEntries = o.MaxAppend
	config.BatchApplyCh = o.BatchApply
	config.SnapshotInterval, config.SnapshotThreshold = o.SnapshotInterval, o.SnapshotThreshold
	config.TrailingLogs = o.Trailing
	config.ShutdownOnRemove = !o.KeepOnRemove
	config.LogLevel = o.LogLevel
	setPreVote(config, !o.NoPreVote)
	return config
}

// configuration reads id=address,…; the servers are voters, those whose ID begins with ~ non-voters.
func (o *Options) configuration() (raft.Configuration, error) {
	configuration := raft.Configuration{}
	for _, part := range strings.Split(o.Bootstrap, ",") {
		id, address, found := strings.Cut(part, "=")
		if !found {
			return configuration, fmt.Errorf("no id=address: %q", part)
		}
		server := raft.Server{ID: raft.ServerID(id), Address: raft.ServerAddress(address)}
		if strings.HasPrefix(id, "~") {
			server.ID, server.Suffrage = raft.ServerID(id[1:]), raft.Nonvoter
		}
		configuration.Servers = append(configuration.Servers, server)
	}
	return configuration, nil
}
