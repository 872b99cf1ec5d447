import type { FSM } from '@raft/core'

/** A state machine around another one, for tests that want to get at the inner one. */
export interface WrappingFSM {
  /** The state machine that is wrapped. */
  underlying(): FSM
}

/** The innermost state machine. */
export function unwrapFSM(fsm: FSM): FSM {
  return isWrapping(fsm) ? unwrapFSM(fsm.underlying()) : fsm
}

function isWrapping(fsm: object): fsm is WrappingFSM {
  return 'underlying' in fsm && typeof fsm.underlying === 'function'
}
