package record

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// exchange is one request that this program made up, and what a live server answered.
type exchange struct {
	Why string `json:"why"`
	// The kind of the request, or nothing for bytes that are none.
	Kind          string `json:"kind"`
	NewTimeFormat bool   `json:"newTimeFormat"`
	Request       string `json:"request"`
	Value         any    `json:"value"`
	// The error text of the answer, and the body, which is missing for nil.
	Error    string `json:"error"`
	Response string `json:"response"`
	Body     any    `json:"body"`
	// The server closed the connection in place of an answer.
	Closed bool `json:"closed"`
}

type session struct {
	target    *Server
	format    bool
	transport *raft.NetworkTransport
	tape      *Tape
	client    raft.RPCHeader
	term      uint64
	rows      []exchange
}

// Exchanges asks a live follower whatever it must refuse, and some things it must not, and files each pair.
func Exchanges(out, folder string) error {
	rows := []exchange{}
	for _, format := range []bool{false, true} {
		session, err := newSession(filepath.Join(folder, fmt.Sprint("exchanges-", format)), format)
		if err != nil {
			return err
		}
		for _, step := range []func() error{
			session.versions, session.votes, session.appends, session.preVotes, session.snapshots, session.garbage,
			session.timeout,
		} {
			if err := step(); err != nil {
				return err
			}
		}
		session.target.Stop()
		rows = append(rows, session.rows...)
	}
	return saveLines(filepath.Join(out, "exchanges.jsonl"), rows)
}

// newSession starts a server that is one of three voters, of which it will never hear, so that it stays in term 1. The
// client plays one of the two others.
func newSession(folder string, format bool) (*session, error) {
	setup := Setup{Protocol: 3, NewTimeFormat: format, Folder: folder}
	tape := NewTape()
	target, err := setup.Add(tape, "target")
	if err != nil {
		return nil, err
	}
	target.config.HeartbeatTimeout, target.config.ElectionTimeout = time.Minute, time.Minute
	peers := []*Server{target}
	for _, name := range []string{"client", "other"} {
		peer := &Server{Name: name, Address: raft.ServerAddress("127.0.0.1:1" + fmt.Sprint(len(peers))), config: setup.config()}
		peer.config.LocalID = raft.ServerID(name)
		peers = append(peers, peer)
	}
	if err := target.Start(peers...); err != nil {
		return nil, err
	}
	streams, err := tape.Listen("client")
	if err != nil {
		return nil, err
	}
	transport := raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream: streams, Timeout: 2 * time.Second, Logger: quiet, MsgpackUseNewTimeFormat: format,
	})
	header := raft.RPCHeader{ProtocolVersion: 3, ID: []byte("client"), Addr: []byte(peers[1].Address)}
	return &session{target: target, format: format, transport: transport, tape: tape, client: header, term: 1}, nil
}

func (s *session) as(version raft.ProtocolVersion) raft.RPCHeader {
	header := s.client
	header.ProtocolVersion = version
	return header
}

// ask sends one request on a new connection and files what went over it.
func (s *session) ask(why string, request, response any, data ...byte) error {
	id, address := raft.ServerID("target"), s.target.Address
	var err error
	kind := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", request), "*raft."), "Request")
	switch message := request.(type) {
	case *raft.AppendEntriesRequest:
		err = s.transport.AppendEntries(id, address, message, response.(*raft.AppendEntriesResponse))
	case *raft.RequestVoteRequest:
		err = s.transport.RequestVote(id, address, message, response.(*raft.RequestVoteResponse))
	case *raft.RequestPreVoteRequest:
		err = s.transport.RequestPreVote(id, address, message, response.(*raft.RequestPreVoteResponse))
	case *raft.TimeoutNowRequest:
		err = s.transport.TimeoutNow(id, address, message, response.(*raft.TimeoutNowResponse))
	case *raft.InstallSnapshotRequest:
		message.Size = int64(len(data))
		answer := response.(*raft.InstallSnapshotResponse)
		err = s.transport.InstallSnapshot(id, address, message, answer, bytes.NewReader(data))
	}
	row := exchange{Why: why, Kind: kind, NewTimeFormat: s.format, Value: valueOf(request)}
	row.Request, row.Response = s.lastPair()
	if len(data) > 0 {
		row.Request = strings.TrimSuffix(row.Request, hex.EncodeToString(data))
	}
	if err != nil {
		row.Error = err.Error()
	}
	row.Body = valueOf(response)
	if strings.HasSuffix(row.Response, "c0") && err != nil {
		row.Body = nil
	}
	s.rows = append(s.rows, row)
	return nil
}

// lastPair joins what went over the newest connection.
func (s *session) lastPair() (request, response string) {
	s.tape.lock.Lock()
	defer s.tape.lock.Unlock()
	for _, line := range s.tape.lines {
		if line.Conn != s.tape.conns {
			continue
		}
		if line.Dir == "request" {
			request += line.Hex
		} else {
			response += line.Hex
		}
	}
	return request, response
}

// raw sends bytes that are no request and files that the server closes the connection.
func (s *session) raw(why string, sent []byte) error {
	conn, err := net.Dial("tcp", string(s.target.Address))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(sent); err != nil {
		return err
	}
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	got, err := io.ReadAll(conn)
	row := exchange{Why: why, NewTimeFormat: s.format, Request: hex.EncodeToString(sent), Response: hex.EncodeToString(got)}
	row.Closed = err == nil
	s.rows = append(s.rows, row)
	return nil
}
