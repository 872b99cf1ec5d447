//go:build !raft16

package node

import "github.com/hashicorp/raft"

// Version is the version of hashicorp/raft.
const Version = "1.7.3"

func setPreVote(config *raft.Config, enabled bool) {
	config.PreVoteDisabled = !enabled
}
