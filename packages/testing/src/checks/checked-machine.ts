import {
  type Awaitable,
  type Clock,
  type Configuration,
  type FSM,
  type FSMSnapshot,
  type Log,
  type SnapshotReader,
  type SnapshotSink,
  type SnapshotSource,
} from '@raft/core'
import { concatBytes } from '../bytes.ts'
import { contentHash } from './content-hash.ts'
import type { HandedOut } from './handed-out.ts'
import type { Ledger } from './ledger.ts'
import { indexOf, snapshotHead, type SnapshotChecks } from './snapshot-checks.ts'
import type { Violations } from './violations.ts'

const HEAD = 8

/** Nothing comes any more. */
const never = new Promise<never>(() => {})

/** What watching a state machine takes. */
export interface CheckedMachineOptions<R> {
  readonly fsm: FSM<R>
  readonly server: string
  readonly ledger: Ledger
  readonly violations: Violations
  readonly clock: Clock
  /** Looks at the node, so that what it has just committed is known. */
  readonly look: () => void
  /** Milliseconds that a call takes; asked before each. */
  readonly delay: () => number
  /** Milliseconds before each piece of a snapshot that is written. */
  readonly persistDelay: () => number
  /** Its process was killed: nothing that is asked of it now happens. */
  readonly isDead: () => boolean
  readonly snapshots: SnapshotChecks
  readonly handedOut: HandedOut
}

/**
 * A state machine around the one under test. It sees that each committed command comes once, in order and without a gap,
 * and that all replicas answer alike (S13). Its snapshots begin with the index that they stand for.
 */
export class CheckedMachine<R> implements FSM<R> {
  readonly #options: CheckedMachineOptions<R>
  /** Only if the state machine under test has it. */
  readonly applyBatch?: (logs: readonly Log[]) => Awaitable<readonly R[]>
  #last = 0
  #busy = false

  constructor(options: CheckedMachineOptions<R>) {
    this.#options = options
    if (options.fsm.applyBatch !== undefined) this.applyBatch = (logs) => this.#applyBatch(logs)
  }

  /** The state machine under test. */
  get inner(): FSM<R> {
    return this.#options.fsm
  }

  /** The last command that it was given, or that its snapshot includes. */
  get lastApplied(): number {
    return this.#last
  }

  apply(log: Log): Awaitable<R> {
    if (this.#options.isDead()) return never
    this.#options.look()
    this.#checkNext(log)
    this.#last = log.index
    return this.#call(
      () => this.#options.fsm.apply(log),
      (answer) => {
        this.#options.ledger.answer(log.index, answer, this.#options.server)
      },
    )
  }

  #applyBatch(logs: readonly Log[]): Awaitable<readonly R[]> {
    if (this.#options.isDead()) return never
    const { look, ledger, server, fsm } = this.#options
    look()
    for (const log of logs) {
      this.#checkNext(log)
      this.#last = log.index
    }
    return this.#call(
      () => fsm.applyBatch!(logs),
      (answers) => {
        for (const [at, answer] of answers.entries()) ledger.answer(logs[at]!.index, answer, server)
      },
    )
  }

  snapshot(): Awaitable<FSMSnapshot> {
    const { isDead, fsm, snapshots } = this.#options
    if (isDead()) return never
    const index = this.#last
    return this.#call(async () => {
      const snapshot = await fsm.snapshot()
      return {
        persist: async (sink: SnapshotSink, context: { readonly signal: AbortSignal }) => {
          const watched = snapshots.watch(this.#slow(sink))
          await watched.write(snapshotHead(index))
          await snapshot.persist(watched, context)
          watched.done()
        },
        release: () => snapshot.release(),
      }
    })
  }

  restore(source: SnapshotSource): Awaitable<void> {
    const { isDead, fsm, snapshots, server } = this.#options
    if (isDead()) return never
    return this.#call(async () => {
      const seen: Uint8Array[] = []
      const chunks = seenOf(source, seen)
      let head = new Uint8Array(0)
      while (head.length < HEAD) {
        const { done, value } = await chunks.next()
        if (done === true) throw new Error('a snapshot is shorter than its head')
        head = Uint8Array.from([...head, ...value])
      }
      await fsm.restore(restOf(source, head.subarray(HEAD), chunks))
      if (isDead()) return
      const index = (source.unwrap() as Partial<SnapshotReader>).meta?.index ?? 0
      snapshots.restored(server, index, concatBytes(seen))
      this.#last = Math.max(index, indexOf(head))
    })
  }

  /** A sink whose every write takes a while. */
  #slow(sink: SnapshotSink): SnapshotSink {
    const { persistDelay, clock } = this.#options
    return {
      id: sink.id,
      write: async (chunk) => {
        const wait = persistDelay()
        if (wait > 0) await new Promise<void>((resolve) => clock.setTimer(resolve, wait))
        await sink.write(chunk)
      },
      close: () => sink.close(),
      cancel: () => sink.cancel(),
    }
  }

  storeConfiguration(index: number, configuration: Configuration): Awaitable<void> {
    return this.#options.fsm.storeConfiguration?.(index, configuration)
  }

  #checkNext(log: Log): void {
    const { ledger, violations, server, handedOut } = this.#options
    const { index, term } = log
    handedOut.note(`entry ${index}`, () => contentHash(log) + log.index * 3 + log.term * 7)
    violations.expect(index > this.#last, 'S13', () => `${server} applies entry ${index} after ${this.#last}`)
    const skipped = ledger.commandBetween(this.#last, index - 1)
    const text = (): string => `${server} applies ${index} and skips the command at ${skipped}`
    violations.expect(skipped === undefined, 'S13', text)
    const committed = ledger.committed(index)
    const known = committed === undefined ? undefined : ledger.entry(index, committed.term)
    const same = committed?.term === term && known?.content === contentHash(log)
    violations.expect(
      same,
      'S13',
      () => `${server} applies an entry ${index} of term ${term} that is not the committed one`,
    )
  }

  /** Calls the state machine, later if it is slow; no two calls may overlap. */
  #call<T>(act: () => Awaitable<T>, done: (result: T) => void = () => {}): Awaitable<T> {
    const { violations, server, clock, delay } = this.#options
    violations.expect(!this.#busy, 'S13', () => `two calls of the state machine of ${server} overlap`)
    this.#busy = true
    const finish = (result: T): T => {
      this.#busy = false
      done(result)
      return result
    }
    // Whoever calls may go on after a failure: a snapshot that cannot be read is followed by an older one.
    const fail = (error: unknown): never => {
      this.#busy = false
      throw error
    }
    const wait = delay()
    if (wait > 0) {
      const later = new Promise<void>((resolve) => clock.setTimer(resolve, wait))
      return later.then(act).then(finish, fail)
    }
    let result: Awaitable<T>
    try {
      result = act()
    } catch (error) {
      return fail(error)
    }
    if (result !== null && typeof result === 'object' && 'then' in result) return result.then(finish, fail)
    return finish(result)
  }
}

/** The chunks of a source, each of which is also kept. */
async function* seenOf(source: SnapshotSource, seen: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    seen.push(chunk.slice())
    yield chunk
  }
}

/** What is left of a source after its head. */
function restOf(source: SnapshotSource, rest: Uint8Array, chunks: AsyncIterator<Uint8Array>): SnapshotSource {
  const left: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      if (rest.length > 0) yield rest
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
    },
  }
  return {
    [Symbol.asyncIterator]: () => left[Symbol.asyncIterator](),
    get bytesRead() {
      return Math.max(0, source.bytesRead - HEAD)
    },
    size: source.size - HEAD,
    unwrap: () => left,
  }
}
