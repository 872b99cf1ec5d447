//go:build raft16

package node

import "github.com/hashicorp/raft"

// Version is the version of hashicorp/raft; this one knows no pre-vote.
const Version = "1.6.0"

func setPreVote(*raft.Config, bool) {}
