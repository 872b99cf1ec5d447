import { createHash } from 'node:crypto'
import type { Log, RequestVoteResponse } from '@raft/core'
import type { Kind } from '../control/protocol.ts'
import type { Passage } from './network.ts'

/** A rule of Raft that a server broke, for all to see on the wire. */
export interface Breach {
  readonly rule: string
  /** The kind of the server that broke it. */
  readonly kind: Kind
  readonly what: string
}

interface Term {
  /** Who sent entries or heartbeats as the leader. */
  readonly leaders: Set<string>
  /** From each voter to the candidates that it granted its vote. */
  readonly votes: Map<string, Set<string>>
}

/**
 * Reads along what servers say to each other and notices what none may do: lead a term that another leads, vote twice in a
 * term, or send another entry under an index and term than was sent before. Whoever does it is told by name, so that a
 * violation that clients see can be laid at somebody's door.
 */
export class WireWatch {
  readonly breaches: Breach[] = []
  readonly #kindOf: (address: string) => Kind
  readonly #servers: number
  readonly #terms = new Map<number, Term>()
  readonly #entries = new Map<string, string>()
  messages = 0

  constructor(servers: number, kindOf: (address: string) => Kind) {
    this.#servers = servers
    this.#kindOf = kindOf
  }

  see({ from, to, message }: Passage): void {
    this.messages++
    const { type, request } = message.request
    if (message.kind === 'response') {
      if (type === 'requestVote') this.#onVote(to, from, { term: request.term, response: message.response })
      return
    }
    if (type === 'appendEntries') {
      this.#onLeader(from, request.term)
      for (const entry of request.entries ?? []) this.#onEntry(from, entry)
    } else if (type === 'installSnapshot') this.#onLeader(from, request.term)
  }

  #term(number: number): Term {
    const known = this.#terms.get(number) ?? { leaders: new Set(), votes: new Map() }
    this.#terms.set(number, known)
    return known
  }

  #onVote(
    voter: string,
    candidate: string,
    vote: { readonly term: number; readonly response: object | undefined },
  ): void {
    const { granted, term } = (vote.response ?? {}) as Partial<RequestVoteResponse>
    // A grant is for the term that was asked for.
    if (granted !== true || term !== vote.term) return
    const { votes } = this.#term(vote.term)
    const candidates = votes.get(voter) ?? new Set<string>()
    votes.set(voter, candidates.add(candidate))
    if (candidates.size > 1)
      this.#breach('one vote a term', voter, `${voter} voted for ${list(candidates)} in term ${term}`)
  }

  #onLeader(leader: string, number: number): void {
    const term = this.#term(number)
    if (term.leaders.has(leader)) return
    term.leaders.add(leader)
    if (term.leaders.size === 1) return
    const culprit = this.#withoutMajority(term) ?? leader
    this.#breach('one leader a term', culprit, `${list(term.leaders)} lead term ${number}; ${culprit} lacks the votes`)
  }

  /** The one of several leaders that has the fewest votes, if that is no majority. */
  #withoutMajority({ leaders, votes }: Term): string | undefined {
    // Its own vote is not sent.
    const count = (leader: string) => 1 + [...votes.values()].filter((candidates) => candidates.has(leader)).length
    const [last] = [...leaders].sort((one, other) => count(one) - count(other))
    return last !== undefined && count(last) <= this.#servers / 2 ? last : undefined
  }

  #onEntry(from: string, entry: Log): void {
    const place = `${entry.index}/${entry.term}`
    const hash = hashOf(entry)
    const known = this.#entries.get(place)
    if (known === undefined) this.#entries.set(place, hash)
    else if (known !== hash) this.#breach('one entry an index and term', from, `${from} sent another entry at ${place}`)
  }

  #breach(rule: string, culprit: string, what: string): void {
    this.breaches.push({ rule, kind: this.#kindOf(culprit), what })
  }
}

const list = (names: Iterable<string>): string => [...names].join(' and ')

function hashOf({ type, data, extensions }: Log): string {
  const hash = createHash('sha1').update(String(type))
  for (const part of [data, extensions]) hash.update(part === undefined ? 'nil' : `${part.length};`).update(part ?? '')
  return hash.digest('base64')
}
