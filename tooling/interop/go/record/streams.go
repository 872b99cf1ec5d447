// Package record writes down what servers of hashicorp/raft say to each other, answer, and keep on disk.
package record

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Line is one write or one read of the side that dialled.
type Line struct {
	Ms     int64  `json:"ms"`
	Conn   int    `json:"conn"`
	Dialer string `json:"dialer"`
	To     string `json:"to"`
	Dir    string `json:"dir"`
	Hex    string `json:"hex"`
}

// Tape collects lines; the order is the order in which they happened.
type Tape struct {
	lock  sync.Mutex
	start time.Time
	conns int
	lines []Line
	cut   map[string]bool
	open  map[*taped]bool
}

// NewTape starts with nothing on it.
func NewTape() *Tape {
	return &Tape{start: time.Now(), cut: map[string]bool{}, open: map[*taped]bool{}}
}

// Save writes one line of JSON for each.
func (t *Tape) Save(path string) error {
	t.lock.Lock()
	defer t.lock.Unlock()
	return saveLines(path, t.lines)
}

// Cut ends the connections that `name` dialled or that lead to `address`, and lets no more be made, until Mend.
func (t *Tape) Cut(name, address string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.cut[name], t.cut[address] = true, true
	for conn := range t.open {
		if conn.dialer == name || conn.to == address {
			_ = conn.Conn.Close()
			delete(t.open, conn)
		}
	}
}

// Mend takes all cuts back.
func (t *Tape) Mend() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.cut = map[string]bool{}
}

func (t *Tape) add(conn *taped, dir string, bytes []byte) {
	if len(bytes) == 0 {
		return
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	ms := time.Since(t.start).Milliseconds()
	t.lines = append(t.lines, Line{ms, conn.number, conn.dialer, conn.to, dir, hex.EncodeToString(bytes)})
}

// Streams is a stream layer over TCP whose outgoing connections are taped.
type Streams struct {
	net.Listener
	tape *Tape
	name string
}

// Listen makes the stream layer of the server `name`, at a port of its own.
func (t *Tape) Listen(name string) (*Streams, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Streams{Listener: listener, tape: t, name: name}, nil
}

// Dial opens a taped connection.
func (s *Streams) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	s.tape.lock.Lock()
	cut := s.tape.cut[s.name] || s.tape.cut[string(address)]
	s.tape.lock.Unlock()
	if cut {
		return nil, errors.New("cut")
	}
	conn, err := net.DialTimeout("tcp", string(address), timeout)
	if err != nil {
		return nil, err
	}
	s.tape.lock.Lock()
	defer s.tape.lock.Unlock()
	s.tape.conns++
	one := &taped{Conn: conn, tape: s.tape, number: s.tape.conns, dialer: s.name, to: string(address)}
	s.tape.open[one] = true
	return one, nil
}

type taped struct {
	net.Conn
	tape   *Tape
	number int
	dialer string
	to     string
}

func (c *taped) Write(bytes []byte) (int, error) {
	count, err := c.Conn.Write(bytes)
	c.tape.add(c, "request", bytes[:count])
	return count, err
}

func (c *taped) Read(bytes []byte) (int, error) {
	count, err := c.Conn.Read(bytes)
	c.tape.add(c, "response", bytes[:count])
	return count, err
}

func saveLines[T any](path string, lines []T) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := json.NewEncoder(file)
	out.SetEscapeHTML(false)
	for _, line := range lines {
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
