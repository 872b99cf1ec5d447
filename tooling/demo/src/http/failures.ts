// What a client is told when something did not work, and above all: whether it can have happened.
import { isRaftError, type RaftErrorCode } from '@raft/core'
import { type Replica } from '../replica.ts'
import { type KeyValueView } from '../key-value-state.ts'
import { type Answer, HTTPError, type Request } from './exchange.ts'

const refusals: ReadonlyMap<RaftErrorCode, number> = new Map([
  ['ERR_RAFT_COMMAND_TOO_LARGE', 413],
  ['ERR_RAFT_CONFIGURATION', 409],
  ['ERR_RAFT_NOTHING_NEW_TO_SNAPSHOT', 409],
  ['ERR_RAFT_CANT_BOOTSTRAP', 409],
  ['ERR_RAFT_UNSUPPORTED_PROTOCOL', 409],
])

/**
 * The answer for an error: 504 with the outcome `unknown` if the command may have been, or may yet be carried out; 307 to
 * the leader or 503 if it certainly was not and may be sent again; 4xx if sending it again would change nothing. The
 * server itself never sends anything again.
 */
export function failure(error: unknown, request: Request, { replica, state }: Context): Answer {
  if (error instanceof HTTPError) {
    return { status: error.status, body: { error: 'BAD_REQUEST', message: error.message, outcome: 'rejected' } }
  }
  if (!isRaftError(error)) {
    const message = error instanceof Error ? error.message : String(error)
    return { status: 500, body: { error: 'INTERNAL', message, outcome: 'unknown' } }
  }
  const outcome = error.outcome ?? 'unknown'
  const body = { error: error.code, message: error.message, outcome }
  if (outcome === 'unknown') return { status: 504, body }
  if (error.code === 'ERR_RAFT_NOT_LEADER') return elsewhere(request, body, { replica, state })
  const status = refusals.get(error.code)
  return status === undefined ? { status: 503, headers: { 'retry-after': '1' }, body } : { status, body }
}

/** What is needed to say where the leader is. */
export interface Context {
  readonly replica: Replica
  readonly state: KeyValueView
}

function elsewhere(request: Request, body: object, { replica, state }: Context): Answer {
  const leader = replica.state === 'Leader' ? undefined : replica.leader
  const http = leader === undefined ? undefined : state.members.get(leader.id)
  if (leader === undefined || http === undefined) {
    return { status: 503, headers: { 'retry-after': '1' }, body: { ...body, leader } }
  }
  return {
    status: 307,
    headers: { location: `http://${http}${request.target}` },
    body: { ...body, leader: { ...leader, http } },
  }
}
