/** The role of a node. Asking for pre-votes counts as `Candidate`. */
export type RaftState = 'Follower' | 'Candidate' | 'Leader' | 'Shutdown'
