import type { Replicate } from '../consensus/effects.ts'
import { termIn } from '../consensus/log-positions.ts'
import type { Awaitable } from '../interfaces/awaitable.ts'
import type { AppendFuture, AppendPipeline, Transport } from '../interfaces/transport.ts'
import { isRaftError, PipelineShutdownError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { Log } from '../types/log.ts'
import type { AppendEntriesRequest, AppendEntriesResponse, RPCHeader } from '../types/messages.ts'
import { strangerIn } from './answered-by.ts'
import type { Context } from './context.ts'
import { type LogReader, MissingEntryError } from './log-reader.ts'
import { asError, isThenable, settle } from './settle.ts'

/** Payload of one message: a command above it travels alone. */
const MESSAGE_BYTES = 1_048_576

/** What the streams to the peers share. */
export interface StreamOptions {
  readonly context: Context
  readonly transport: Transport
  readonly reader: LogReader
  readonly header: () => RPCHeader
  /** Reports what a `replicate` was measured to take. */
  readonly measured: (peer: Peer, begun: number, entries: number) => void
}

/** A `replicate` on its way: it may take several messages, and is answered once. */
interface Job {
  readonly effect: Replicate
  /** The last entry that was handed to the transport. */
  sentThrough: number
  begun: number
  answered: boolean
}

/**
 * Sends entries to one server, in the order they were asked for. While the transport takes messages at once, nothing
 * waits; otherwise the rest of the queue does, which is the back-pressure.
 */
export class PeerStream {
  readonly #options: StreamOptions
  #queue: Job[] = []
  /** Answers that are still owed. */
  #underWay = 0
  #busy = false
  #pipeline: AppendPipeline | undefined
  #pipelineTo: Peer | undefined
  /** The transport has no pipelines. */
  #sequential = false
  /** Grows when what is under way is given up, so that late answers are told from present ones. */
  #generation = 0

  constructor(options: StreamOptions) {
    this.#options = options
  }

  /** Nothing waits and no answer is owed. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#underWay === 0 && !this.#busy
  }

  send(effect: Replicate): void {
    this.#queue.push({ effect, sentThrough: effect.prevIndex, begun: 0, answered: false })
    this.#advance()
  }

  /** Gives up everything: what waits fails, what is under way is no longer of interest. */
  reset(): void {
    this.#generation += 1
    this.#busy = false
    this.#underWay = 0
    const waiting = this.#queue
    this.#queue = []
    for (const job of waiting) this.#fail(job, new PipelineShutdownError())
    this.#closePipeline()
  }

  #advance(): void {
    while (!this.#busy) {
      const job = this.#queue[0]
      if (job === undefined) return
      this.#sendNext(job)
    }
  }

  /** Reads and sends the next message of the job. */
  #sendNext(job: Job): void {
    const { effect } = job
    if (effect.through <= effect.prevIndex) return this.#transmit(job, [])
    const range = { from: job.sentThrough + 1, through: effect.through, maxBytes: MESSAGE_BYTES }
    let logs: Awaitable<readonly Log[]>
    try {
      logs = this.#options.reader.read(range, effect.terms)
    } catch (error) {
      return this.#onReadFailed(job, error)
    }
    if (!isThenable(logs)) return this.#transmit(job, logs)
    this.#wait(logs, {
      done: (found) => this.#transmit(job, found),
      failed: (error) => this.#onReadFailed(job, error),
    })
  }

  #onReadFailed(job: Job, error: unknown): void {
    this.#endJob(job)
    const { call } = job.effect
    job.answered = true
    if (error instanceof MissingEntryError) {
      this.#options.context.post({ type: 'call-failed', call, error, missing: true })
    } else this.#options.context.fail(asError(error))
  }

  #transmit(job: Job, logs: readonly Log[]): void {
    const { effect } = job
    const last = logs.at(-1)?.index ?? effect.prevIndex
    const request = this.#requestFor(job, logs)
    job.begun = this.#options.context.meter.begin()
    job.sentThrough = last
    if (last >= effect.through) this.#endJob(job)
    if (effect.pipelined && !this.#sequential) this.#transmitPipelined(job, request)
    else this.#transmitAlone(job, request)
  }

  #requestFor({ effect, sentThrough }: Job, logs: readonly Log[]): AppendEntriesRequest {
    const header = this.#options.header()
    const prevTerm = sentThrough === effect.prevIndex ? effect.prevTerm : termIn(effect.terms, sentThrough)
    return {
      header,
      term: effect.term,
      leader: header.address,
      prevLogEntry: sentThrough,
      prevLogTerm: prevTerm ?? 0,
      entries: logs,
      leaderCommitIndex: effect.leaderCommit,
    }
  }

  /** One message, and nothing else until it is answered. */
  #transmitAlone(job: Job, request: AppendEntriesRequest): void {
    this.#underWay += 1
    let response: Promise<AppendEntriesResponse>
    try {
      response = this.#options.transport.appendEntries(job.effect.to, request)
    } catch (error) {
      return this.#onTransmitFailed(job, error)
    }
    this.#wait(response, {
      done: (response) => this.#onAnswered(job, request, response),
      failed: (error) => this.#onTransmitFailed(job, error),
    })
  }

  #transmitPipelined(job: Job, request: AppendEntriesRequest): void {
    this.#underWay += 1
    let future: Awaitable<AppendFuture>
    try {
      future = this.#takeBy(job.effect.to, request)
    } catch (error) {
      return this.#onNotTaken(job, request, error)
    }
    if (!isThenable(future)) return this.#onTaken(job, request, future)
    this.#wait(future, {
      done: (taken) => this.#onTaken(job, request, taken),
      failed: (error) => this.#onNotTaken(job, request, error),
    })
  }

  #onTaken(job: Job, request: AppendEntriesRequest, future: AppendFuture): void {
    const generation = this.#generation
    const pipeline = this.#pipeline
    void future.response.then(
      (response) => this.#ifCurrent(generation, () => this.#onAnswered(job, request, response, pipeline)),
      (error: unknown) => this.#ifCurrent(generation, () => this.#onTransmitFailed(job, error, pipeline)),
    )
  }

  #onNotTaken(job: Job, request: AppendEntriesRequest, error: unknown): void {
    if (!isRaftError(error, 'ERR_RAFT_PIPELINE_REPLICATION_NOT_SUPPORTED')) return this.#onTransmitFailed(job, error)
    this.#sequential = true
    this.#underWay -= 1
    this.#transmitAlone(job, request)
  }

  /** Hands the message to the pipeline, which is opened first if it is not, or leads elsewhere. */
  #takeBy(to: Peer, request: AppendEntriesRequest): Awaitable<AppendFuture> {
    if (this.#pipelineTo !== undefined && this.#pipelineTo.address !== to.address) this.#closePipeline()
    if (this.#pipeline !== undefined) return this.#pipeline.appendEntries(request)
    const generation = this.#generation
    const open = (pipeline: AppendPipeline): Awaitable<AppendFuture> => {
      if (generation !== this.#generation) {
        close(pipeline)
        throw new PipelineShutdownError()
      }
      this.#pipeline = pipeline
      this.#pipelineTo = to
      return pipeline.appendEntries(request)
    }
    const opened = this.#options.transport.appendEntriesPipeline(to)
    return isThenable(opened) ? opened.then(open) : open(opened)
  }

  #onAnswered(
    job: Job,
    request: AppendEntriesRequest,
    response: AppendEntriesResponse,
    pipeline = this.#pipeline,
  ): void {
    const { effect } = job
    const stranger = strangerIn(response.header, effect.to)
    if (stranger !== undefined) return this.#onTransmitFailed(job, stranger, pipeline)
    this.#underWay -= 1
    const entries = request.entries ?? []
    this.#options.measured(effect.to, job.begun, entries.length)
    if (job.answered) return
    const through = entries.at(-1)?.index ?? request.prevLogEntry
    // The rest of a job that was refused in part makes no sense to the peer either.
    if (response.success && response.term <= effect.term && through < effect.through) return
    job.answered = true
    if (!response.success) this.#endJob(job)
    const { term, success, lastLog, noRetryBackoff } = response
    this.#options.context.post({ type: 'append-answered', call: effect.call, term, success, lastLog, noRetryBackoff })
  }

  #onTransmitFailed(job: Job, error: unknown, pipeline = this.#pipeline): void {
    this.#underWay -= 1
    this.#endJob(job)
    // A broken pipeline ends all that is in it; the next message opens another, which must not end with it.
    if (pipeline === this.#pipeline) this.#closePipeline()
    this.#fail(job, asError(error))
  }

  #fail(job: Job, error: Error): void {
    if (job.answered) return
    job.answered = true
    this.#options.context.post({ type: 'call-failed', call: job.effect.call, error })
  }

  /** Everything of the job was handed over, or it is given up: the next one has its turn. */
  #endJob(job: Job): void {
    if (this.#queue[0] === job) this.#queue.shift()
  }

  /** Something takes time; the queue stands still meanwhile. */
  #wait<T>(pending: PromiseLike<T>, outcomes: { done(value: T): void; failed(error: unknown): void }): void {
    const generation = this.#generation
    this.#busy = true
    const end = (outcome: () => void): void => {
      this.#ifCurrent(generation, () => {
        this.#busy = false
        outcome()
        this.#advance()
      })
    }
    void pending.then(
      (value) => end(() => outcomes.done(value)),
      (error: unknown) => end(() => outcomes.failed(error)),
    )
  }

  #ifCurrent(generation: number, then: () => void): void {
    if (generation !== this.#generation) return
    try {
      then()
    } catch (error) {
      this.#options.context.fail(asError(error))
    }
  }

  #closePipeline(): void {
    const pipeline = this.#pipeline
    this.#pipeline = undefined
    this.#pipelineTo = undefined
    if (pipeline !== undefined) close(pipeline)
  }
}

function close(pipeline: AppendPipeline): void {
  settle(() => pipeline.close(), { done: () => undefined, failed: () => undefined })
}
