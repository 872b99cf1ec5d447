package node

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/hashicorp/raft"
)

// secureStreams carries the transport over TLS, with certificates on both sides.
type secureStreams struct {
	net.Listener
	advertise net.Addr
	settings  *tls.Config
}

// Dial opens a connection to a peer.
func (s *secureStreams) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	return tls.DialWithDialer(&net.Dialer{Timeout: timeout}, "tcp", string(address), s.settings)
}

// Addr is the address that peers know.
func (s *secureStreams) Addr() net.Addr { return s.advertise }

func (o *Options) secureStreams(advertise net.Addr) (*secureStreams, error) {
	certificate, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(o.TLSCA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate", o.TLSCA)
	}
	settings := &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
		RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	listener, err := tls.Listen("tcp", o.Raft, settings)
	if err != nil {
		return nil, err
	}
	return &secureStreams{Listener: listener, advertise: advertise, settings: settings}, nil
}

func (o *Options) transport() (*raft.NetworkTransport, error) {
	advertise, err := net.ResolveTCPAddr("tcp", o.Advertise)
	if err != nil {
		return nil, err
	}
	config := &raft.NetworkTransportConfig{
		MaxPool: 3, Timeout: o.Timeout, MaxRPCsInFlight: o.MaxInFlight, MsgpackUseNewTimeFormat: o.NewTimeFormat,
	}
	if o.TLSCert == "" {
		return raft.NewTCPTransportWithConfig(o.Raft, advertise, config)
	}
	streams, err := o.secureStreams(advertise)
	if err != nil {
		return nil, err
	}
	config.Stream = streams
	return raft.NewNetworkTransportWithConfig(config), nil
}
