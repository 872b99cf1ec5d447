/** What applications and adapters of @raft/core are tested with. */
export {}
