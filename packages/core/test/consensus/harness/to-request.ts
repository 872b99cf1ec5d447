import type { Effect } from '../../../src/consensus/effects.ts'
import type { Request } from './messages.ts'
import type { TestNode } from './test-node.ts'

/** The effects that send. */
export type Sending = Extract<Effect, { readonly call: number }>

/** What the effect sends: the entries come from the log as it is at this moment, and must be as the rules say. */
export function toRequest(node: TestNode, effect: Sending): Request {
  switch (effect.type) {
    case 'replicate': {
      const { term, prevIndex, prevTerm, through, leaderCommit } = effect
      const entries = node.memory.between(prevIndex + 1, through)
      let at = -1
      for (const entry of entries) {
        if (effect.terms[at + 1]?.first === entry.index) at += 1
        if (effect.terms[at]?.term !== entry.term)
          throw new Error(`${node.id} sends another ${entry.index} than it says`)
      }
      const previous = node.memory.get(prevIndex)
      if (previous !== undefined && previous.term !== prevTerm)
        throw new Error(`${node.id} sends a wrong previous term`)
      return { kind: 'append', term, prevIndex, prevTerm, entries, leaderCommit }
    }
    case 'heartbeat':
      return { kind: 'heartbeat', term: effect.term }
    case 'send-snapshot': {
      const snapshot = node.disk.newestSnapshot
      if (snapshot === undefined) throw new Error(`${node.id} has no snapshot to send`)
      return { kind: 'install', term: effect.term, snapshot }
    }
    case 'request-vote': {
      const { term, lastIndex, lastTerm, transfer } = effect
      return { kind: 'vote', term, lastIndex, lastTerm, transfer }
    }
    case 'request-pre-vote': {
      const { term, lastIndex, lastTerm } = effect
      return { kind: 'pre-vote', term, lastIndex, lastTerm }
    }
    case 'timeout-now':
      return { kind: 'timeout-now' }
  }
}
