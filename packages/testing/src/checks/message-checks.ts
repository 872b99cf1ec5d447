import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  Position,
  RequestPreVoteRequest,
  RequestVoteRequest,
} from '@raft/core'
import type { NetworkObserver, ReceivedAnswer, SentRequest, SentResponse } from '../world/simulated-network.ts'
import type { SimulatedTransport } from '../world/simulated-transport.ts'
import type { DurableVote } from './disk-checks.ts'
import type { AnswerChecks } from './answer-checks.ts'
import { messageHash } from './content-hash.ts'
import type { HandedOut } from './handed-out.ts'
import type { Ledger } from './ledger.ts'
import type { ReadChecks } from './read-checks.ts'
import type { Violations } from './violations.ts'
import { durableTerm, holds, type ServerDirectory, type WatchedServer } from './watched-server.ts'

const decoder = new TextDecoder()

/** What checking messages takes. */
export interface MessageChecksOptions {
  readonly servers: ServerDirectory
  readonly ledger: Ledger
  readonly violations: Violations
  readonly reads: ReadChecks
  readonly answers: AnswerChecks
  readonly handedOut: HandedOut
  /** Term and vote on the disk of a server. */
  readonly voteOf: (server: WatchedServer) => DurableVote
}

/** Looks at every message as it leaves: what it promises must be true, and durable, by then. */
export class MessageChecks implements NetworkObserver {
  readonly #options: MessageChecksOptions

  constructor(options: MessageChecksOptions) {
    this.#options = options
  }

  /** Whether it may leave; its place among all requests. */
  requesting(message: SentRequest): number {
    this.#checkRequest(message)
    const { command, type } = message
    this.#options.handedOut.note(`a request (${type})`, () => messageHash(command))
    return this.#options.reads.sent()
  }

  /** What its answers say to a leader: that it still leads, and how the other one is getting on. */
  answered({ asked, answered, to, type, command, response, sent }: ReceivedAnswer): void {
    if (type !== 'appendEntries' && type !== 'installSnapshot') return
    const { servers, reads, answers } = this.#options
    const asker = servers.byAddress(to.localAddress)
    // Whoever has the address by now need not be who answered.
    const peer = answered as WatchedServer | undefined
    const { term } = command as AppendEntriesRequest | InstallSnapshotRequest
    if (asker === undefined || peer === undefined) return
    if (asked === peer.id && (response as AppendEntriesResponse).term === term) {
      reads.answered(asker, peer.id, { term, order: sent as number })
    }
    answers.answered(asker, peer, { type, command, response })
  }

  #checkRequest({ from, type, command }: SentRequest): void {
    const { servers, ledger, violations, voteOf } = this.#options
    const server = servers.byAddress(from.localAddress)
    if (server === undefined || type === 'timeoutNow') return
    const { term } = command as
      AppendEntriesRequest | RequestVoteRequest | RequestPreVoteRequest | InstallSnapshotRequest
    const durable = voteOf(server).term
    // Whoever asks for a promise gives none itself: it names the term in which it would campaign.
    const allowed = type === 'requestPreVote' ? (server.inspection?.term ?? durable) + 1 : durable
    const early = (): string => `${type} of ${server.id} names term ${term} when its disk has ${durable}`
    violations.expect(term <= allowed || server.isDamaged, 'S3', early)
    if (type !== 'appendEntries' && type !== 'installSnapshot') return
    const leader = ledger.leaderOf(term)
    const text = (): string => `${server.id} sends ${type} in term ${term}, whose leader is ${leader ?? 'nobody'}`
    violations.expect(leader === undefined || leader === server.id, 'S3', text)
  }

  /** Where the log of the receiver ends. */
  receiving({ localAddress }: SimulatedTransport): Position | undefined {
    const { inspection } = this.#options.servers.byAddress(localAddress) ?? {}
    return inspection === undefined ? undefined : { index: inspection.lastIndex, term: inspection.lastTerm }
  }

  /** Whether it may leave; the server that answers. */
  responding(message: SentResponse): WatchedServer | undefined {
    const server = this.#options.servers.byAddress(message.from.localAddress)
    this.#checkResponse(server, message)
    return server
  }

  #checkResponse(server: WatchedServer | undefined, message: SentResponse): void {
    const { type, command, response, error } = message
    const { violations, voteOf, handedOut } = this.#options
    if (response !== undefined) handedOut.note(`an answer (${type})`, () => messageHash(response))
    if (server === undefined || response === undefined || error !== undefined || server.isDamaged) return
    if (type !== 'timeoutNow' && type !== 'requestPreVote') {
      const { term } = response as AppendEntriesResponse
      const durable = voteOf(server).term
      const text = (): string => `${server.id} answers ${type} in term ${term} when its disk has ${durable}`
      violations.expect(term <= durable, 'S3', text)
    }
    if (type === 'appendEntries') {
      this.#checkAppended(server, command as AppendEntriesRequest, response as AppendEntriesResponse)
    } else if (type === 'requestVote' || type === 'requestPreVote') {
      const { granted } = response as { readonly granted: boolean }
      if (granted) this.#checkGranted(server, message)
    }
  }

  /** A success says that everything of the request is durable (S9). */
  #checkAppended(server: WatchedServer, request: AppendEntriesRequest, response: AppendEntriesResponse): void {
    // A server that has gone on to a newer term may have replaced what it took before.
    if (!response.success || server.inspection?.term !== response.term) return
    const last = request.entries?.at(-1)
    const index = last?.index ?? request.prevLogEntry
    const term = last?.term ?? request.prevLogTerm
    if (index === 0) return
    const text = (): string =>
      `${server.id} confirms entry ${index} of term ${term} when its disk has ${durableTerm(server, index) ?? 'nothing'} there`
    this.#options.violations.expect(holds(server, index, term), 'S9', text)
  }

  #checkGranted(server: WatchedServer, { type, command, noted }: SentResponse): void {
    const request = command as RequestVoteRequest
    // The log may have grown by the time that the answer leaves.
    const last = noted as Position | undefined
    const { ledger, violations, voteOf } = this.#options
    const candidate = decoder.decode(request.header.id)
    if (last !== undefined) {
      const current =
        request.lastLogTerm > last.term || (request.lastLogTerm === last.term && request.lastLogIndex >= last.index)
      const text = (): string =>
        `${server.id} at ${last.index}/${last.term} grants ${type} to ${candidate} at ` +
        `${request.lastLogIndex}/${request.lastLogTerm}`
      violations.expect(current, 'S7', text)
    }
    if (type === 'requestPreVote') return
    ledger.vote(request.term, server.id, candidate)
    const vote = voteOf(server)
    const durable = vote.term > request.term || (vote.term === request.term && vote.candidate === candidate)
    const text = (): string =>
      `${server.id} grants its vote to ${candidate} in term ${request.term} when its disk has ${vote.candidate ?? 'nobody'} in ${vote.term}`
    violations.expect(durable, 'S2', text)
  }
}
