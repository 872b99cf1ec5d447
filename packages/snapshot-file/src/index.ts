/** Snapshot store for @raft/core in a folder. */
export {}
