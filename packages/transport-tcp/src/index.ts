/** Transport for @raft/core over TCP and TLS. */
export {}
