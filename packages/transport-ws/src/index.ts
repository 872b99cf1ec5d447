/** Transport for @raft/core over WebSocket. */
export {}
