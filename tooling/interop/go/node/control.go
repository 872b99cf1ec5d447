package node

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/raft"
)

// failure is an error as the control interface tells it.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// 'rejected': it did not happen and never will. 'unknown': it may have happened or may yet.
	Outcome string `json:"outcome"`
	Leader  string `json:"leader,omitempty"`
}

var codes = map[error]failure{
	raft.ErrNotLeader:                    {Code: "ERR_RAFT_NOT_LEADER", Outcome: "rejected"},
	raft.ErrLeadershipLost:               {Code: "ERR_RAFT_LEADERSHIP_LOST", Outcome: "unknown"},
	raft.ErrAbortedByRestore:             {Code: "ERR_RAFT_ABORTED_BY_RESTORE", Outcome: "unknown"},
	raft.ErrRaftShutdown:                 {Code: "ERR_RAFT_SHUTDOWN", Outcome: "unknown"},
	raft.ErrEnqueueTimeout:               {Code: "ERR_RAFT_ENQUEUE_TIMEOUT", Outcome: "rejected"},
	raft.ErrNothingNewToSnapshot:         {Code: "ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT", Outcome: "rejected"},
	raft.ErrUnsupportedProtocol:          {Code: "ERR_RAFT_UNSUPPORTED_PROTOCOL", Outcome: "rejected"},
	raft.ErrCantBootstrap:                {Code: "ERR_RAFT_CANT_BOOTSTRAP", Outcome: "rejected"},
	raft.ErrLeadershipTransferInProgress: {Code: "ERR_RAFT_LEADERSHIP_TRANSFER_IN_PROGRESS", Outcome: "rejected"},
}

func (n *Node) failure(err error) *failure {
	known := failure{Code: "ERR_RAFT_OTHER", Outcome: "unknown"}
	for sentinel, one := range codes {
		if errors.Is(err, sentinel) {
			known = one
		}
	}
	_, id := n.LeaderWithID()
	known.Message, known.Leader = err.Error(), string(id)
	return &known
}

// action is one request of the control interface: from what was asked to what is answered.
type action func(body *request) (any, error)

// request has all that any action may be given.
type request struct {
	Commands  []command `json:"commands"`
	Timeout   int64     `json:"timeout"`
	Count     int       `json:"count"`
	Bytes     int       `json:"bytes"`
	Prefix    string    `json:"prefix"`
	Window    int       `json:"window"`
	Key       string    `json:"key"`
	ID        string    `json:"id"`
	Address   string    `json:"address"`
	Change    string    `json:"change"`
	PrevIndex uint64    `json:"prevIndex"`
	Folder    string    `json:"folder"`
	From      uint64    `json:"from"`
	Through   uint64    `json:"through"`
}

func (r *request) timeout() time.Duration {
	if r.Timeout == 0 {
		return 10 * time.Second
	}
	return time.Duration(r.Timeout) * time.Millisecond
}

// Handler answers the control interface. `ended` is closed by a request to stop, once its answer is written.
func (n *Node) Handler(ended chan<- struct{}) http.Handler {
	actions := map[string]action{
		"/stats":         func(*request) (any, error) { return n.stats(), nil },
		"/summary":       func(*request) (any, error) { return n.machine.Summary(), nil },
		"/dump":          func(*request) (any, error) { return n.machine.Dump(), nil },
		"/get":           func(body *request) (any, error) { return n.machine.Get(body.Key), nil },
		"/log":           func(body *request) (any, error) { return n.log(body.From, body.Through) },
		"/inspect":       func(body *request) (any, error) { return Inspect(body.Folder) },
		"/apply":         n.apply,
		"/fill":          n.fill,
		"/barrier":       func(body *request) (any, error) { return nil, n.Barrier(body.timeout()).Error() },
		"/verify":        func(*request) (any, error) { return nil, n.VerifyLeader().Error() },
		"/configuration": n.configuration,
		"/member":        n.member,
		"/transfer":      n.transfer,
		"/snapshot":      n.snapshot,
		"/restore":       n.restore,
	}
	mux := http.NewServeMux()
	for path, act := range actions {
		mux.HandleFunc(path, func(out http.ResponseWriter, in *http.Request) { n.answer(out, in, act) })
	}
	mux.HandleFunc("/stop", func(out http.ResponseWriter, in *http.Request) {
		n.answer(out, in, func(*request) (any, error) { return nil, n.Stop() })
		close(ended)
	})
	return mux
}

func (n *Node) answer(out http.ResponseWriter, in *http.Request, act action) {
	body := &request{}
	if in.Method == http.MethodPost {
		if err := json.NewDecoder(in.Body).Decode(body); err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
	}
	answer, err := act(body)
	out.Header().Set("Content-Type", "application/json")
	if err != nil {
		out.WriteHeader(http.StatusConflict)
		answer = map[string]any{"error": n.failure(err)}
	}
	_ = json.NewEncoder(out).Encode(answer)
}

func (n *Node) configuration(*request) (any, error) {
	future := n.GetConfiguration()
	if err := future.Error(); err != nil {
		return nil, err
	}
	return map[string]any{"servers": servers(future.Configuration()), "index": future.Index()}, nil
}

func (n *Node) member(body *request) (any, error) {
	id, address := raft.ServerID(body.ID), raft.ServerAddress(body.Address)
	var future raft.IndexFuture
	switch body.Change {
	case "addVoter":
		future = n.AddVoter(id, address, body.PrevIndex, body.timeout())
	case "addNonvoter":
		future = n.AddNonvoter(id, address, body.PrevIndex, body.timeout())
	case "demoteVoter":
		future = n.DemoteVoter(id, body.PrevIndex, body.timeout())
	case "removeServer":
		future = n.RemoveServer(id, body.PrevIndex, body.timeout())
	default:
		return nil, errors.New("unknown change " + body.Change)
	}
	if err := future.Error(); err != nil {
		return nil, err
	}
	return map[string]any{"index": future.Index()}, nil
}

func (n *Node) transfer(body *request) (any, error) {
	if body.ID == "" {
		return nil, n.LeadershipTransfer().Error()
	}
	return nil, n.LeadershipTransferToServer(raft.ServerID(body.ID), raft.ServerAddress(body.Address)).Error()
}

func (n *Node) snapshot(*request) (any, error) {
	future := n.Snapshot()
	if err := future.Error(); err != nil {
		return nil, err
	}
	meta, reader, err := future.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return map[string]any{"id": meta.ID, "index": meta.Index, "term": meta.Term, "size": meta.Size}, nil
}

// restore makes the newest snapshot of a folder the state of the whole cluster.
func (n *Node) restore(body *request) (any, error) {
	store, err := raft.NewFileSnapshotStore(body.Folder, 1000, os.Stderr)
	if err != nil {
		return nil, err
	}
	metas, err := store.List()
	if err != nil {
		return nil, err
	}
	if len(metas) == 0 {
		return nil, errors.New("no snapshot in " + body.Folder)
	}
	meta, reader, err := store.Open(metas[0].ID)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return nil, n.Restore(meta, reader, body.timeout())
}
