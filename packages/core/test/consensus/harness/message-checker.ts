import type { Effect, ReplyMessage } from '../../../src/consensus/effects.ts'
import type { Event } from '../../../src/consensus/events.ts'
import type { Expect } from './expect.ts'
import type { Message, Request } from './messages.ts'
import type { TestNode } from './test-node.ts'
import { addressOf } from './to-event.ts'

type Noted = Effect & { readonly type: 'note' }

/** What messages promise: one leader and one vote in a term, and nothing that a crash could take back (S1, S2, S3, S7, S9). */
export class MessageChecker {
  readonly #leaders = new Map<number, string>()
  readonly #votes = new Map<string, string>()
  readonly #expect: Expect

  constructor(expect: Expect) {
    this.#expect = expect
  }

  /** Another server has taken the name: what its namesake voted does not bind it. */
  wiped(node: TestNode): void {
    for (const key of this.#votes.keys()) if (key.startsWith(`${node.id}/`)) this.#votes.delete(key)
  }

  elected(node: TestNode): void {
    const { term } = node.rules
    const other = this.#leaders.get(term)
    this.#expect(other === undefined || other === node.id, 'S1', `${node.id} and ${other} lead term ${term}`)
    this.#leaders.set(term, node.id)
  }

  sent(node: TestNode, request: Request): void {
    if (request.kind === 'timeout-now') return
    const { disk } = node
    const { term } = request
    if (request.kind === 'pre-vote') {
      this.#expect(term <= node.rules.term + 1, 'S3', `${node.id} asks for a pre-vote in ${term}`)
      return
    }
    this.#expect(term <= disk.vote.term, 'S3', `${node.id} sends term ${term} before it is durable`)
    if (request.kind === 'vote') this.#votedFor(node, term, node.id)
    else this.#expect(this.#leaders.get(term) === node.id, 'S3', `${node.id} sends as leader of ${term}`)
  }

  replies(node: TestNode, message: Message & { readonly type: 'request' }, reply: ReplyMessage | undefined): void {
    if (reply === undefined || reply.kind === 'timeoutNow' || reply.kind === 'requestPreVote') return
    const { disk } = node
    const { request } = message
    this.#expect(reply.term <= disk.vote.term, 'S3', `${node.id} replies with a term that is not durable`)
    if (reply.kind === 'requestVote' && reply.granted && request.kind === 'vote') {
      const { term } = request
      const { candidate } = disk.vote
      const voted =
        candidate?.id === '' ? addressOf(message.from) === candidate.address : candidate?.id === message.from
      const durable = disk.vote.term > term || (disk.vote.term === term && voted)
      this.#expect(durable, 'S2', `${node.id} grants a vote that is not durable`)
      this.#votedFor(node, term, message.from)
    }
    if (reply.kind === 'appendEntries' && reply.success && request.kind === 'append') {
      for (const { index, term } of request.entries) {
        const superseded = disk.vote.term > request.term
        this.#expect(superseded || disk.holds(index, term), 'S9', `${node.id} confirms ${index}, which is not durable`)
      }
    }
    if (reply.kind === 'installSnapshot' && reply.success && request.kind === 'install') {
      const { index, term } = request.snapshot.position
      const held = disk.snapshots.some(({ position }) => position.index >= index) || disk.holds(index, term)
      this.#expect(held, 'S9', `${node.id} confirms a snapshot that is not durable`)
    }
  }

  /** Whom a vote or a promise of one is given has a log at least as new (S7). */
  taken(node: TestNode, event: Event, effects: readonly Effect[]): void {
    if (event.type !== 'vote-requested' && event.type !== 'pre-vote-requested') return
    const refused = effects.some(
      (effect): effect is Noted =>
        effect.type === 'note' && (effect.note.name === 'vote-refused' || effect.note.name === 'pre-vote-refused'),
    )
    const { lastTerm, lastIndex } = node.rules
    const fine = event.lastTerm > lastTerm || (event.lastTerm === lastTerm && event.lastIndex >= lastIndex)
    this.#expect(refused || fine, 'S7', `${node.id} gives a vote to an older log`)
  }

  #votedFor(node: TestNode, term: number, candidate: string): void {
    const key = `${node.id}/${term}`
    const before = this.#votes.get(key)
    this.#expect(before === undefined || before === candidate, 'S2', `${node.id} votes for ${before} and ${candidate}`)
    this.#votes.set(key, candidate)
  }
}
