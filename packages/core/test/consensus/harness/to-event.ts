import type { Event, InboundID, Sender } from '../../../src/consensus/events.ts'
import type { Message } from './messages.ts'

/** The address of a server in these tests. */
export function addressOf(id: string): string {
  return `${id}:1`
}

/** What a request is to the rules. */
export function toEvent(
  inbound: InboundID,
  message: Message & { readonly type: 'request' },
  protocolVersion: number,
): Event {
  const { request } = message
  const id = message.unnamed === true ? undefined : message.from
  const from: Sender = { protocolVersion, id, address: message.address ?? addressOf(message.from) }
  switch (request.kind) {
    case 'append': {
      const { term, prevIndex, prevTerm, entries, leaderCommit } = request
      const configurations = entries.flatMap(({ index, configuration }) =>
        configuration === undefined ? [] : [{ index, configuration }],
      )
      const positions = entries.map(({ index, term, type }) => ({ index, term, type }))
      return {
        type: 'append-requested',
        inbound,
        from,
        term,
        prevIndex,
        prevTerm,
        entries: positions,
        configurations,
        leaderCommit,
      }
    }
    case 'heartbeat': {
      const none = { prevIndex: 0, prevTerm: 0, entries: [], configurations: [], leaderCommit: 0 }
      return { type: 'append-requested', inbound, from, term: request.term, ...none }
    }
    case 'vote': {
      const { term, lastIndex, lastTerm, transfer } = request
      return { type: 'vote-requested', inbound, from, term, lastIndex, lastTerm, transfer }
    }
    case 'pre-vote': {
      const { term, lastIndex, lastTerm } = request
      return { type: 'pre-vote-requested', inbound, from, term, lastIndex, lastTerm }
    }
    case 'install':
      return { type: 'install-requested', inbound, from, term: request.term, snapshot: request.snapshot.position }
    case 'timeout-now':
      return { type: 'timeout-now-requested', inbound, from }
  }
}

/** What the answer to a request is to the rules. */
export function answerEvent(message: Message & { readonly type: 'response' }): Event {
  const { call, message: reply, error, request } = message
  if (reply === undefined || error !== undefined) {
    return { type: 'call-failed', call, error: error ?? new Error('no answer') }
  }
  switch (reply.kind) {
    case 'appendEntries': {
      const { term, success, lastLog, noRetryBackoff } = reply
      return { type: 'append-answered', call, term, success, lastLog, noRetryBackoff }
    }
    case 'requestVote':
      return { type: 'vote-answered', call, term: reply.term, granted: reply.granted }
    case 'requestPreVote':
      return { type: 'pre-vote-answered', call, term: reply.term, granted: reply.granted }
    case 'installSnapshot': {
      const index = request.kind === 'install' ? request.snapshot.position.index : 0
      return { type: 'install-answered', call, term: reply.term, success: reply.success, index }
    }
    case 'timeoutNow':
      return { type: 'timeout-now-answered', call }
  }
}
