package record

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/hashicorp/raft"
)

// Conversation runs a cluster through whatever makes servers talk, and leaves the tape and every membership entry.
func Conversation(setup Setup, name, out string) error {
	tape := NewTape()
	play := &play{setup: setup, tape: tape}
	err := play.run()
	for _, server := range play.servers {
		if server.Raft != nil {
			server.Stop()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := tape.Save(filepath.Join(out, "conversation-"+name+".jsonl")); err != nil {
		return err
	}
	return saveLines(filepath.Join(out, "membership-"+name+".jsonl"), play.membership)
}

// entry is a log entry that says who the members are.
type entry struct {
	Index uint64 `json:"index"`
	Term  uint64 `json:"term"`
	Type  string `json:"type"`
	// The data of the entry, as hex.
	Data  string `json:"hex"`
	Value any    `json:"value"`
}

type play struct {
	setup      Setup
	tape       *Tape
	servers    []*Server
	membership []entry
}

func (p *play) add(name string) (*Server, error) {
	server, err := p.setup.Add(p.tape, name)
	if err != nil {
		return nil, err
	}
	p.servers = append(p.servers, server)
	return server, nil
}

func (p *play) run() error {
	trio := []*Server{}
	for _, name := range []string{"a", "b", "c"} {
		server, err := p.add(name)
		if err != nil {
			return err
		}
		trio = append(trio, server)
	}
	for _, server := range trio {
		if err := server.Start(trio...); err != nil {
			return err
		}
	}
	leader, err := leaderOf(trio...)
	if err != nil {
		return err
	}
	steps := []func(leader *Server, trio []*Server) error{p.commands, p.conflict, p.late, p.member, p.restore, p.handOver}
	for _, step := range steps {
		if err := step(leader, trio); err != nil {
			return err
		}
		if leader, err = leaderOf(trio...); err != nil {
			return err
		}
		if err := allApplied(leader, trio...); err != nil {
			return err
		}
		p.note(leader)
	}
	leader.Stop()
	_, err = leaderOf(others(leader, trio...)...)
	return err
}

// note keeps the membership entries that are in the leader's log now.
func (p *play) note(leader *Server) {
	first, _ := leader.Store.FirstIndex()
	last, _ := leader.Store.LastIndex()
	for index := max(first, 1); index <= last; index++ {
		var log raft.Log
		if leader.Store.GetLog(index, &log) != nil {
			continue
		}
		known := len(p.membership) > 0 && index <= p.membership[len(p.membership)-1].Index
		if known || log.Type == raft.LogCommand || log.Type == raft.LogNoop || log.Type == raft.LogBarrier {
			continue
		}
		row := entry{Index: log.Index, Term: log.Term, Type: log.Type.String(), Data: fmt.Sprintf("%x", log.Data)}
		if log.Type == raft.LogConfiguration {
			row.Value = valueOf(raft.DecodeConfiguration(log.Data))
		}
		p.membership = append(p.membership, row)
	}
}

// commands: one alone, none, empty, with extensions, of 300 and of 70,000 bytes, and many at once.
func (p *play) commands(leader *Server, trio []*Server) error {
	if err := leader.put("first", 10); err != nil {
		return err
	}
	for _, log := range []raft.Log{
		{}, {Data: []byte{}}, {Data: []byte("with extensions"), Extensions: []byte{1, 2, 3}}, {Extensions: []byte{}},
	} {
		if err := leader.ApplyLog(log, time.Second).Error(); err != nil {
			return err
		}
	}
	sizes := []int{300}
	if p.setup.Protocol == 3 && !p.setup.NewTimeFormat {
		sizes = append(sizes, 70_000)
	}
	for _, size := range append(sizes, 1) {
		if err := leader.put("size", size); err != nil {
			return err
		}
	}
	if err := leader.putMany(150); err != nil {
		return err
	}
	if err := leader.Barrier(time.Second).Error(); err != nil {
		return err
	}
	return leader.VerifyLeader().Error()
}

// conflict: the leader is cut off with entries that never commit; it comes back and takes the others' in their place.
func (p *play) conflict(leader *Server, trio []*Server) error {
	p.tape.Cut(leader.Name, string(leader.Address))
	for i := 0; i < 5; i++ {
		data := []byte(fmt.Sprint("never committed ", i))
		leader.Apply(data, time.Second)
	}
	next, err := leaderOf(others(leader, trio...)...)
	if err != nil {
		return err
	}
	if err := next.putMany(3); err != nil {
		return err
	}
	p.tape.Mend()
	return allApplied(next, trio...)
}

// late: a server that joins when the log does not reach back any more gets a snapshot, then leaves again.
func (p *play) late(leader *Server, trio []*Server) error {
	if err := leader.Snapshot().Error(); err != nil {
		return err
	}
	late, err := p.add("late")
	if err != nil {
		return err
	}
	if err := late.Start(); err != nil {
		return err
	}
	defer late.Stop()
	if p.setup.Protocol < 2 {
		err = leader.AddPeer(late.Address).Error()
	} else {
		err = leader.AddVoter(late.ID(), late.Address, 0, time.Second).Error()
	}
	if err != nil {
		return err
	}
	if err := allApplied(leader, late); err != nil {
		return err
	}
	p.note(leader)
	if p.setup.Protocol < 2 {
		return leader.RemovePeer(late.Address).Error()
	}
	return leader.RemoveServer(late.ID(), 0, time.Second).Error()
}

// member: a non-voter comes, a voter loses its vote and gets it back.
func (p *play) member(leader *Server, trio []*Server) error {
	if p.setup.Protocol < 3 {
		return nil
	}
	reader, err := p.add("reader <&>\u2028")
	if err != nil {
		return err
	}
	if err := reader.Start(); err != nil {
		return err
	}
	defer reader.Stop()
	other := others(leader, trio...)[0]
	for _, change := range []func() raft.IndexFuture{
		func() raft.IndexFuture { return leader.AddNonvoter(reader.ID(), reader.Address, 0, time.Second) },
		func() raft.IndexFuture { return leader.DemoteVoter(other.ID(), 0, time.Second) },
		func() raft.IndexFuture { return leader.AddVoter(other.ID(), other.Address, 0, time.Second) },
		func() raft.IndexFuture { return leader.RemoveServer(reader.ID(), 0, time.Second) },
	} {
		if err := change().Error(); err != nil {
			return err
		}
	}
	return nil
}

// restore: a snapshot from before becomes the state of all.
func (p *play) restore(leader *Server, trio []*Server) error {
	if err := leader.put("after", 10); err != nil {
		return err
	}
	future := leader.Snapshot()
	if err := future.Error(); err != nil {
		return err
	}
	meta, source, err := future.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	if err := leader.putMany(2); err != nil {
		return err
	}
	return leader.Restore(meta, source, 5*time.Second)
}

// handOver: the leader gives its office to another.
func (p *play) handOver(leader *Server, trio []*Server) error {
	if p.setup.Protocol < 3 {
		return nil
	}
	other := others(leader, trio...)[0]
	return leader.LeadershipTransferToServer(other.ID(), other.Address).Error()
}
