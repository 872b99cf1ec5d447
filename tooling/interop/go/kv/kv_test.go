package kv

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestTheExampleOfTheFormatHasItsBytes(t *testing.T) {
	zero := uint64(0)
	data, err := Command{Op: "put", Key: "city", Value: []byte("Rome"), Expect: &zero}.Encode()
	want := "84a26f70a3707574a36b6579a463697479a576616c7565c404526f6d65a665787065637400"
	if err != nil || hex.EncodeToString(data) != want {
		t.Fatalf("%x, %v", data, err)
	}
	back, err := DecodeCommand(data)
	if err != nil || back.Key != "city" || string(back.Value) != "Rome" || *back.Expect != 0 {
		t.Fatalf("%+v, %v", back, err)
	}
}

func TestASnapshotComesBackAsItWas(t *testing.T) {
	state := newState()
	for index := uint64(1); index <= 300; index++ {
		command := Command{Op: "put", Key: string(rune('a' + index%20)), Value: bytes.Repeat([]byte{1}, int(index))}
		state.record(index, []byte{byte(index)})
		state.apply(index, command)
	}
	state.apply(301, Command{Op: "member", ID: "b", HTTP: "h:2"})
	state.apply(302, Command{Op: "member", ID: "a", HTTP: "h:1"})
	var first, second bytes.Buffer
	_ = state.encode(&first)
	whole := first.Bytes()
	back, err := decodeState(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	_ = back.encode(&second)
	if !bytes.Equal(whole, second.Bytes()) {
		t.Fatal("other bytes")
	}
	if _, err := decodeState(bytes.NewReader(whole[:len(whole)-1])); err == nil {
		t.Fatal("a snapshot that is cut short was taken")
	}
	if _, err := decodeState(bytes.NewReader(append(whole, 0))); err == nil {
		t.Fatal("a snapshot with something after it was taken")
	}
}
