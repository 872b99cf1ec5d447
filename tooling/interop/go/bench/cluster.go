package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// cluster starts the servers and returns the one in this process that leads, and how to end all.
func (o *Options) cluster() (leader *raft.Raft, end func(), err error) {
	start := o.startTogether
	if o.Transport == "tcp" {
		start = o.startApart
	}
	if leader, end, err = start(); err != nil {
		return nil, end, err
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if leader.State() == raft.Leader && leader.Barrier(time.Second).Error() == nil {
			standard, reloadable := raft.DefaultConfig(), leader.ReloadableConfig()
			reloadable.HeartbeatTimeout, reloadable.ElectionTimeout = standard.HeartbeatTimeout, standard.ElectionTimeout
			return leader, end, leader.ReloadConfig(reloadable)
		}
	}
	return nil, end, errors.New("the first server was not elected")
}

func name(place int) string { return fmt.Sprint("server-", place) }

// startTogether has all servers in this process, and a transport in memory.
func (o *Options) startTogether() (*raft.Raft, func(), error) {
	transports := make([]*raft.InmemTransport, o.Nodes)
	servers := make([]raft.Server, o.Nodes)
	for place := range transports {
		address, transport := raft.NewInmemTransportWithTimeout("", 10*time.Second)
		transports[place] = transport
		servers[place] = raft.Server{ID: raft.ServerID(name(place)), Address: address}
	}
	for _, one := range transports {
		for place, other := range transports {
			one.Connect(servers[place].Address, other)
		}
	}
	running := []*raft.Raft{}
	end := func() {
		for _, server := range running {
			_ = server.Shutdown().Error()
		}
	}
	for place := o.Nodes - 1; place >= 0; place-- {
		var first []raft.Server
		if place == 0 {
			first = servers
		}
		server, err := o.start(name(place), transports[place], first)
		if err != nil {
			return nil, end, err
		}
		running = append(running, server)
	}
	return running[len(running)-1], end, nil
}

// startApart has each server in a process of its own, the leader in this one.
func (o *Options) startApart() (*raft.Raft, func(), error) {
	followers := []*exec.Cmd{}
	end := func() {
		for _, follower := range followers {
			_ = follower.Process.Kill()
			_ = follower.Wait()
		}
	}
	transport, err := o.tcp("127.0.0.1:0")
	if err != nil {
		return nil, end, err
	}
	servers := []raft.Server{{ID: raft.ServerID(name(0)), Address: transport.LocalAddr()}}
	for place := 1; place < o.Nodes; place++ {
		follower, address, err := o.spawn(name(place))
		if err != nil {
			return nil, end, err
		}
		followers = append(followers, follower)
		o.others = append(o.others, follower.Process.Pid)
		servers = append(servers, raft.Server{ID: raft.ServerID(name(place)), Address: raft.ServerAddress(address)})
	}
	leader, err := o.start(name(0), transport, servers)
	if err != nil {
		return nil, end, err
	}
	return leader, func() { _ = leader.Shutdown().Error(); end() }, nil
}

// spawn starts a follower, which says where it listens, and ends when this process does.
func (o *Options) spawn(name string) (*exec.Cmd, string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	follower := exec.Command(program, append(o.flags(), "-follower="+name, "-bind=127.0.0.1:0", "-data="+o.Data)...)
	follower.Stderr = os.Stderr
	if _, err := follower.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := follower.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := follower.Start(); err != nil {
		return nil, "", err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	return follower, strings.TrimSpace(address), err
}

// Follow runs a follower until standard input ends.
func (o *Options) Follow() error {
	transport, err := o.tcp(o.Bind)
	if err != nil {
		return err
	}
	if _, err := o.start(o.Follower, transport, nil); err != nil {
		return err
	}
	fmt.Println(transport.LocalAddr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
