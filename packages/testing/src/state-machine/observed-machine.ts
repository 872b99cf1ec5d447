import type { Awaitable, Configuration, FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import { concatBytes } from '../bytes.ts'
import { bytesHash } from '../checks/content-hash.ts'
import type { MachineHost } from '../simulator/workload.ts'
import { type Complaint, type MachineJournal, stateHint, type Witness } from './machine-journal.ts'
import type { ServerTime } from './server-time.ts'
import { imageDifference, imageOf, type StateOf } from './state-image.ts'
import { readable, textOf } from './value-text.ts'
import { WatchedSink } from './watched-sink.ts'

/** States are compared at each index that is a multiple of it. */
const COMPARED = 20

/** What watching a user's state machine takes. */
export interface ObservedMachineOptions<M extends FSM> {
  readonly fsm: M
  readonly state: StateOf<M>
  readonly host: MachineHost
  readonly journal: MachineJournal
  readonly time: ServerTime
}

/**
 * A user's state machine on one server. Tells the journal what it is given and what it answers, and reports what it does
 * that no state machine may.
 */
export class ObservedMachine<M extends FSM> implements FSM {
  /** Only if the state machine has it. */
  readonly applyBatch?: (logs: readonly Log[]) => Promise<readonly unknown[]>
  /** Only if the state machine has it. */
  readonly storeConfiguration?: (index: number, configuration: Configuration) => Awaitable<void>
  readonly #options: ObservedMachineOptions<M>
  #witness: Witness
  #index: number | undefined = 0

  constructor(options: ObservedMachineOptions<M>) {
    this.#options = options
    this.#witness = { name: options.host.server, restored: false, restoredAt: undefined }
    if (options.fsm.applyBatch !== undefined) this.applyBatch = (logs) => this.#applyBatch(logs)
    if (options.fsm.storeConfiguration !== undefined) {
      this.storeConfiguration = (index, configuration) => this.#storeConfiguration(index, configuration)
    }
  }

  /** The state machine itself. */
  get inner(): M {
    return this.#options.fsm
  }

  /** Calls the function with the time and the chance of this server. */
  run<T>(fn: () => T): T {
    return this.#options.time.run(fn)
  }

  apply(log: Log): Awaitable<unknown> {
    const before = bytesHash(log.data)
    this.#options.journal.noteEntry(log.index, { log })
    return this.#call(
      `apply of entry ${log.index}, the command ${readable(log.data)},`,
      () => this.#options.fsm.apply(log),
      (answer) => {
        this.#index = log.index
        if (bytesHash(log.data) !== before) this.#reportChange(log)
        this.#complain(this.#options.journal.answer(log.index, answer, this.#witness))
        return log.index % COMPARED === 0 ? this.#compare(log.index).then(() => answer) : answer
      },
    )
  }

  async snapshot(): Promise<FSMSnapshot> {
    const { fsm, state, journal } = this.#options
    const [index, witness] = [this.#index, this.#witness]
    if (index !== undefined && state !== undefined) await this.#compare(index)
    const snapshot = await this.#call('snapshot', () => fsm.snapshot())
    return {
      persist: async (sink, context) => {
        const watched = new WatchedSink(sink)
        await this.run(() => snapshot.persist(watched, context))
        if (context.signal.aborted) return
        for (const text of watched.complaints()) this.#options.host.report('persist', text)
        if (index !== undefined && watched.isWhole) journal.noteSnapshot(index, watched.bytes, witness)
      },
      release: () => this.run(() => snapshot.release()),
    }
  }

  async restore(source: SnapshotSource): Promise<void> {
    const { fsm, journal, host } = this.#options
    const chunks: Uint8Array[] = []
    let broken = false
    const watched = watchedSource(source, chunks, () => (broken = true))
    try {
      await this.run(() => fsm.restore(watched))
    } catch (error) {
      if (!broken) host.report('restore', `restore on ${host.server} failed: ${textOf(error)}`)
      throw error
    }
    const bytes = concatBytes(chunks)
    this.#index = journal.indexOf(bytes)
    this.#witness = { name: host.server, restored: true, restoredAt: this.#index }
    await this.#compareRestored(bytes, bytes.length === source.size)
  }

  #storeConfiguration(index: number, configuration: Configuration): Awaitable<void> {
    this.#options.journal.noteEntry(index, { configuration })
    return this.#call(
      `storeConfiguration at index ${index}`,
      () => this.#options.fsm.storeConfiguration!(index, configuration),
      () => void (this.#index = index),
    )
  }

  /** Gives a batch in parts that end where states are compared. */
  async #applyBatch(logs: readonly Log[]): Promise<readonly unknown[]> {
    const answers: unknown[] = []
    let part: Log[] = []
    for (const [at, log] of logs.entries()) {
      part.push(log)
      if (log.index % COMPARED !== 0 && at < logs.length - 1) continue
      answers.push(...(await this.#applyPart(part)))
      part = []
    }
    return answers
  }

  async #applyPart(logs: readonly Log[]): Promise<readonly unknown[]> {
    const { fsm, journal } = this.#options
    const before = logs.map((log) => bytesHash(log.data))
    for (const log of logs) journal.noteEntry(log.index, { log })
    const last = logs.at(-1)!.index
    const answers = await this.#call(`applyBatch of entries ${logs[0]!.index} to ${last}`, () => fsm.applyBatch!(logs))
    this.#index = last
    for (const [at, log] of logs.entries()) {
      if (bytesHash(log.data) !== before[at]) this.#reportChange(log)
      if (at < answers.length) this.#complain(journal.answer(log.index, answers[at], this.#witness))
    }
    if (last % COMPARED === 0) await this.#compare(last)
    return answers
  }

  async #compare(index: number): Promise<void> {
    const { fsm, state, journal } = this.#options
    const image = await this.run(() => imageOf(fsm, state))
    this.#complain(journal.image(index, image, this.#witness))
  }

  async #compareRestored(bytes: Uint8Array, whole: boolean): Promise<void> {
    const { fsm, state, host } = this.#options
    if (state !== undefined) {
      if (this.#index !== undefined) await this.#compare(this.#index)
      return
    }
    const image = await this.run(() => imageOf(fsm, undefined))
    const difference = whole ? imageDifference({ bytes }, image) : undefined
    if (difference === undefined) return
    const at = this.#index === undefined ? '' : ` of index ${this.#index}`
    const text =
      `${host.server} was restored from the snapshot${at}, and a snapshot of the restored copy is another one: ` +
      `${difference}.\nSo \`restore\` forgets or changes something that the snapshot holds.\n${stateHint}`
    host.report('snapshot round trip', text)
  }

  #reportChange({ index }: Log): void {
    const { host } = this.#options
    const text =
      `${host.server} changed the bytes of entry ${index} while it applied it. They are shared with the log and the ` +
      'network: copy what you change, and what you keep and change later.'
    host.report('entries are shared', text)
  }

  #complain(complaint: Complaint | undefined): void {
    if (complaint !== undefined) this.#options.host.report(complaint.rule, complaint.text)
  }

  /** Calls the state machine; an error that it throws is reported, and thrown on. */
  #call<T, S = T>(what: string, act: () => Awaitable<T>, done?: (result: T) => Awaitable<S>): Awaitable<S> {
    const finish = done ?? ((result: T): Awaitable<S> => result as unknown as S)
    const failed = (error: unknown): never => {
      const { host } = this.#options
      const text =
        `${what} failed on ${host.server}: ${textOf(error)}\nAn error that is thrown stops the node, and the next one ` +
        'that comes to this entry. If it is an answer, return it.'
      host.report('thrown', text)
      throw error
    }
    let result: Awaitable<T>
    try {
      result = this.run(act)
    } catch (error) {
      return failed(error)
    }
    if (result !== null && typeof result === 'object' && 'then' in result) return result.then(finish, failed)
    return finish(result)
  }
}

/** A source that notes what is read from it. */
function watchedSource(source: SnapshotSource, chunks: Uint8Array[], onBroken: () => void): SnapshotSource {
  const under: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]()
      for (;;) {
        const next = await Promise.resolve(iterator.next()).catch((error: unknown) => {
          onBroken()
          throw error
        })
        if (next.done === true) return
        chunks.push(next.value.slice())
        yield next.value
      }
    },
  }
  return {
    [Symbol.asyncIterator]: () => under[Symbol.asyncIterator](),
    get bytesRead() {
      return source.bytesRead
    },
    size: source.size,
    unwrap: () => under,
  }
}
