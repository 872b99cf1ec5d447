/** Log and stable store for @raft/core in one SQLite file. */
export {}
