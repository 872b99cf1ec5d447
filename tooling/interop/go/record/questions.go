package record

import (
	"time"

	"interop/kv"

	"github.com/hashicorp/raft"
)

type each func() error

func all(steps ...each) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) appendEntries(why string, change func(request *raft.AppendEntriesRequest)) each {
	return func() error {
		request := &raft.AppendEntriesRequest{RPCHeader: s.client, Term: s.term, Leader: s.client.Addr}
		change(request)
		return s.ask(why, request, &raft.AppendEntriesResponse{})
	}
}

func (s *session) requestVote(why string, change func(request *raft.RequestVoteRequest)) each {
	return func() error {
		request := &raft.RequestVoteRequest{
			RPCHeader: s.client, Term: s.term, Candidate: s.client.Addr, LastLogIndex: 1, LastLogTerm: 1,
		}
		change(request)
		return s.ask(why, request, &raft.RequestVoteResponse{})
	}
}

func (s *session) requestPreVote(why string, change func(request *raft.RequestPreVoteRequest)) each {
	return func() error {
		last := s.target.LastIndex()
		request := &raft.RequestPreVoteRequest{RPCHeader: s.client, Term: s.term + 1, LastLogIndex: last, LastLogTerm: s.term}
		change(request)
		return s.ask(why, request, &raft.RequestPreVoteResponse{})
	}
}

func (s *session) installSnapshot(why string, data []byte, change func(request *raft.InstallSnapshotRequest)) each {
	return func() error {
		last := s.target.LastIndex()
		request := &raft.InstallSnapshotRequest{
			RPCHeader: s.client, SnapshotVersion: 1, Term: s.term, Leader: s.client.Addr, LastLogIndex: last + 10,
			LastLogTerm: s.term, ConfigurationIndex: 1, Peers: []byte{0xc0},
			Configuration: raft.EncodeConfiguration(s.target.GetConfiguration().Configuration()),
		}
		change(request)
		return s.ask(why, request, &raft.InstallSnapshotResponse{}, data...)
	}
}

func (s *session) entry(term uint64, kind raft.LogType, data []byte) *raft.Log {
	at := time.Now()
	if term > 3 {
		at = at.In(time.FixedZone("", -5*3600))
	}
	return &raft.Log{Index: s.target.LastIndex() + 1, Term: term, Type: kind, Data: data, AppendedAt: at}
}

// versions: headers of protocol versions that version 3 refuses.
func (s *session) versions() error {
	steps := []each{}
	for _, version := range []raft.ProtocolVersion{0, 1, 4} {
		header := s.as(version)
		why := "a header of protocol version " + string(rune('0'+version)) + " is refused"
		steps = append(steps,
			s.appendEntries(why, func(request *raft.AppendEntriesRequest) {
				request.RPCHeader, request.PrevLogEntry, request.PrevLogTerm = header, 1, 1
			}),
			s.requestVote(why, func(request *raft.RequestVoteRequest) { request.RPCHeader = header }),
			s.requestPreVote(why, func(request *raft.RequestPreVoteRequest) { request.RPCHeader = header }),
			s.installSnapshot(why, nil, func(request *raft.InstallSnapshotRequest) { request.RPCHeader = header }),
			func() error {
				return s.ask(why, &raft.TimeoutNowRequest{RPCHeader: header}, &raft.TimeoutNowResponse{})
			},
		)
	}
	return all(steps...)
}

func (s *session) votes() error {
	return all(
		s.requestVote("an old term is refused", func(request *raft.RequestVoteRequest) { request.Term = 0 }),
		s.requestVote("a stranger is refused", func(request *raft.RequestVoteRequest) { request.ID = []byte("stranger") }),
		s.requestVote("an empty log is refused", func(request *raft.RequestVoteRequest) {
			request.Term, request.LastLogIndex, request.LastLogTerm = 2, 0, 0
		}),
		s.requestVote("a vote is granted", func(request *raft.RequestVoteRequest) { request.Term = 3 }),
		s.requestVote("the same vote is granted again", func(request *raft.RequestVoteRequest) { request.Term = 3 }),
		s.requestVote("a second candidate of the term is refused", func(request *raft.RequestVoteRequest) {
			request.Term, request.ID, request.Addr = 3, []byte("other"), []byte("127.0.0.1:12")
		}),
		func() error { s.term = 3; return nil },
	)
}

func (s *session) appends() error {
	last := func() uint64 { return s.target.LastIndex() }
	return all(
		s.appendEntries("a heartbeat", func(request *raft.AppendEntriesRequest) {}),
		s.appendEntries("a heartbeat of an old term is refused", func(request *raft.AppendEntriesRequest) { request.Term = 1 }),
		s.appendEntries("a previous entry that is missing", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm, request.Entries = 99, 3, []*raft.Log{}
		}),
		s.appendEntries("a previous entry of another term", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm, request.Entries = 1, 2, []*raft.Log{}
		}),
		s.appendEntries("entries of every kind", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm = 1, 1
			for i, log := range []*raft.Log{
				s.entry(3, raft.LogNoop, nil), s.entry(3, raft.LogCommand, []byte("command")), s.entry(3, raft.LogCommand, nil),
				s.entry(3, raft.LogCommand, []byte{}), s.entry(3, raft.LogBarrier, nil),
				s.entry(3, raft.LogConfiguration, raft.EncodeConfiguration(s.target.GetConfiguration().Configuration())),
			} {
				log.Index = uint64(2 + i)
				request.Entries = append(request.Entries, log)
			}
		}),
		s.appendEntries("entries that are there already", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm = 1, 1
			log := s.entry(3, raft.LogNoop, nil)
			log.Index = 2
			request.Entries = []*raft.Log{log}
		}),
		s.appendEntries("sixteen entries, extensions, and a commit index", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm, request.LeaderCommitIndex = last(), 3, last()
			for i := uint64(0); i < 16; i++ {
				log := s.entry(3, raft.LogCommand, make([]byte, i*20))
				log.Index, log.Extensions = log.Index+i, make([]byte, i)
				request.Entries = append(request.Entries, log)
			}
		}),
		s.appendEntries("a newer term and another zone", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm, request.Term = last(), 3, 4
			request.Entries = []*raft.Log{s.entry(4, raft.LogNoop, nil)}
			s.term = 4
		}),
		s.appendEntries("legacy peers that cannot be read", func(request *raft.AppendEntriesRequest) {
			request.PrevLogEntry, request.PrevLogTerm = last(), 4
			request.Entries = []*raft.Log{s.entry(4, raft.LogAddPeerDeprecated, []byte{0xc1})}
		}),
	)
}

func (s *session) preVotes() error {
	return all(
		s.requestPreVote("the leader itself is granted", func(request *raft.RequestPreVoteRequest) {}),
		s.requestPreVote("another is refused while there is a leader", func(request *raft.RequestPreVoteRequest) {
			request.ID, request.Addr = []byte("other"), []byte("127.0.0.1:12")
		}),
		s.requestPreVote("an old term is refused", func(request *raft.RequestPreVoteRequest) { request.Term = 1 }),
		s.requestPreVote("a stranger is refused", func(request *raft.RequestPreVoteRequest) { request.ID = []byte("stranger") }),
		s.requestPreVote("a log that is behind is refused", func(request *raft.RequestPreVoteRequest) { request.LastLogTerm = 1 }),
	)
}

func (s *session) snapshots() error {
	state := kv.SnapshotBytes(3)
	return all(
		s.installSnapshot("an unknown version is refused", []byte("data"), func(request *raft.InstallSnapshotRequest) {
			request.SnapshotVersion = 7
		}),
		s.installSnapshot("an old term is refused", []byte("data"), func(request *raft.InstallSnapshotRequest) {
			request.Term = 1
		}),
		s.installSnapshot("a state that the machine cannot read", []byte("data"), func(*raft.InstallSnapshotRequest) {}),
		s.installSnapshot("a state that it can read", state, func(*raft.InstallSnapshotRequest) {}),
	)
}

func (s *session) garbage() error {
	return all(
		func() error { return s.raw("an unknown type ends the connection", []byte{5}) },
		func() error { return s.raw("a body that is no map ends the connection", []byte{0, 0x01}) },
		func() error {
			return s.raw("a string for a number ends the connection", []byte("\x00\x81\xa4Term\xa3abc"))
		},
	)
}

func (s *session) timeout() error {
	return s.ask("told to campaign", &raft.TimeoutNowRequest{RPCHeader: s.client}, &raft.TimeoutNowResponse{})
}
