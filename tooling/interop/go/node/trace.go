package node

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Trace writes one JSON object a line: that the server is ready, and what it observes.
type Trace struct {
	lock sync.Mutex
	out  *json.Encoder
}

// NewTrace writes to out.
func NewTrace(out io.Writer) *Trace {
	return &Trace{out: json.NewEncoder(out)}
}

// Note writes one event.
func (t *Trace) Note(event string, facts map[string]any) {
	t.lock.Lock()
	defer t.lock.Unlock()
	facts["event"], facts["at"] = event, time.Now().UnixMilli()
	_ = t.out.Encode(facts)
}

// Watch notes what the server observes until the process ends.
func (n *Node) Watch(trace *Trace) {
	channel := make(chan raft.Observation, 1024)
	n.RegisterObserver(raft.NewObserver(channel, false, nil))
	go func() {
		for observation := range channel {
			switch data := observation.Data.(type) {
			case raft.RaftState:
				trace.Note("state", map[string]any{"state": data.String(), "term": n.term()})
			case raft.LeaderObservation:
				trace.Note("leader", map[string]any{"leader": data.LeaderID, "term": n.term()})
			case raft.PeerObservation:
				trace.Note("peer", map[string]any{"peer": data.Peer.ID, "removed": data.Removed})
			}
		}
	}()
}
