import { Worker } from 'node:worker_threads'
import { type RaftError, StoreError } from '@raft/core'
import { unpackFailure } from './failures.ts'
import { type PackedRow } from './packing.ts'
import { type OpenRequest, SLOT_WRITTEN, type StoreReply, type StoreRequest, type WorkerStart } from './protocol.ts'
import { SharedSlot } from './shared-slot.ts'

/** An answer that is not a failure. */
export type StoreAnswer = Exclude<StoreReply, { readonly kind: 'failed' }>

interface Waiting {
  /** The slot holds what was asked. */
  readonly isInSlot: boolean
  readonly resolve: (answer: StoreAnswer) => void
  readonly reject: (error: RaftError) => void
}

/**
 * Asks the worker thread, which answers in the order of the requests. The thread keeps the process alive only while an
 * answer is owed.
 */
export class WorkerLink {
  readonly #slot = new SharedSlot()
  readonly #path: string
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #ended: Promise<void>
  #end: RaftError | undefined

  /** Starts the thread; its answer to that is the first `opened`. */
  static async start(options: OpenRequest): Promise<{ readonly link: WorkerLink; readonly answer: StoreAnswer }> {
    const link = new WorkerLink(options)
    return { link, answer: await link.#answer() }
  }

  private constructor(options: OpenRequest) {
    this.#path = options.path
    const workerData: WorkerStart = { ...options, memory: this.#slot.memory }
    // The process's own flags are not for it: a loader it does not need, or --input-type, which would end it.
    this.#worker = new Worker(workerURL, { workerData, name: `raft store ${options.path}`, execArgv: [] })
    this.#worker.on('message', (reply: StoreReply | typeof SLOT_WRITTEN) => this.#onReply(reply))
    this.#worker.on('error', (error) => this.#onEnd(`its thread failed: ${error.message}`, error))
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#onEnd('it is closed')
        resolve()
      })
    })
  }

  /** Sends a request. Rejects with what the worker reports, or if the thread has ended. */
  ask(request: StoreRequest, transfer: readonly ArrayBuffer[] = []): Promise<StoreAnswer> {
    if (this.#end !== undefined) return Promise.reject(this.#end)
    this.#worker.postMessage(request, transfer)
    this.#slot.announce()
    return this.#answer()
  }

  /** Asks for a write of rows, whose records are one after the other in `packed`. Rejects as `ask` does. */
  store(rows: readonly PackedRow[], packed: Uint8Array): Promise<StoreAnswer> {
    if (this.#end !== undefined) return Promise.reject(this.#end)
    if (this.#slot.hasRoomFor(rows.length, packed.length)) {
      this.#slot.store(rows, packed)
      return this.#answer(true)
    }
    const { buffer } = packed.slice()
    return this.ask({ kind: 'write', set: [], deleteFrom: undefined, rows, buffer }, [buffer])
  }

  /** Resolves once the thread has ended by itself, which `close` makes it do. */
  async ended(): Promise<void> {
    this.#worker.ref()
    await this.#ended
  }

  #answer(isInSlot = false): Promise<StoreAnswer> {
    if (this.#waiting.length === 0) this.#worker.ref()
    return new Promise((resolve, reject) => this.#waiting.push({ isInSlot, resolve, reject }))
  }

  #onReply(reply: StoreReply | typeof SLOT_WRITTEN): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) this.#worker.unref()
    if (waiting?.isInSlot === true) this.#slot.free()
    if (reply === SLOT_WRITTEN) waiting?.resolve({ kind: 'written', bounds: this.#slot.bounds })
    else if (reply.kind === 'failed') waiting?.reject(unpackFailure(reply.failure))
    else waiting?.resolve(reply)
  }

  #onEnd(why: string, cause?: Error): void {
    this.#end ??= new StoreError(`${this.#path} cannot be used: ${why}`, { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end)
  }
}

const workerURL = new URL('./worker.js', import.meta.url)
