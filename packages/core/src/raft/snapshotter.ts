import type { IndexedConfiguration } from '../types/configuration.ts'
import { NothingNewToSnapshotError, RaftShutdownError, SnapshotError } from '../types/errors.ts'
import type { Timer } from '../interfaces/clock.ts'
import type { SnapshotMeta, SnapshotStore } from '../interfaces/snapshot-store.ts'
import { SNAPSHOT_VERSION_MAX } from '../types/versions.ts'
import { encodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'
import type { Applier, FSMPoint } from './applier.ts'
import type { Context } from './context.ts'
import { CountedSink } from './counted-sink.ts'
import type { SnapshotResult } from './results.ts'
import { messageOf } from './settle.ts'

/** What taking snapshots takes. */
export interface SnapshotterOptions {
  readonly context: Context
  readonly applier: Applier
  readonly snapshots: SnapshotStore
  readonly codec: PeerCodec
  readonly configurationAt: (index: number) => IndexedConfiguration
  /** The last entry in the newest snapshot. */
  readonly snapshotIndex: () => number
  readonly lastIndex: () => number
  /** A caller's state is on its way in: a snapshot of the one before could push the one to go back to out of the store. */
  readonly isReplaced: () => boolean
  /** Milliseconds and entries, as they are now. */
  readonly interval: () => number
  readonly threshold: () => number
}

/** Takes snapshots of the FSM: when one is due, and when somebody asks. One at a time. */
export class Snapshotter {
  readonly #options: SnapshotterOptions
  #timer: Timer | undefined
  /** Ends the one that is being written. */
  #abort: AbortController | undefined
  /** Settles with the last one that was asked for; never rejects. */
  #last: Promise<void> = Promise.resolve()
  /** Settles once the one that is being written is; never rejects. */
  #written: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: SnapshotterOptions) {
    this.#options = options
  }

  /** Begins to look regularly whether a snapshot is due. */
  start(): void {
    const { clock, random } = this.#options.context
    if (this.#timer !== undefined) clock.clearTimer(this.#timer)
    if (this.#stopped) return
    this.#timer = clock.setTimer(() => this.#onInterval(), this.#options.interval() * (1 + random()))
  }

  /** Takes a snapshot, after those that were asked for earlier. */
  take(): Promise<SnapshotResult> {
    this.start()
    const taken = this.#last.then(() => this.#take())
    this.#last = taken.then(
      () => undefined,
      () => undefined,
    )
    return taken
  }

  /** Ends the snapshot that is being written, since another state has come. Resolves once nothing more becomes of it. */
  abort(): Promise<void> {
    this.#abort?.abort(new SnapshotError('a newer snapshot was installed'))
    return this.#written
  }

  /** Takes no more snapshots. Resolves once none is being written. */
  stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== undefined) this.#options.context.clock.clearTimer(this.#timer)
    this.#abort?.abort(new RaftShutdownError())
    return this.#written
  }

  #onInterval(): void {
    const { snapshotIndex, lastIndex, isReplaced, threshold, context } = this.#options
    this.start()
    if (isReplaced()) return
    // Saturating: after InstallSnapshot into a shorter log the last entry can be behind the snapshot (Q10).
    if (Math.max(0, lastIndex() - snapshotIndex()) < threshold()) return
    this.take().catch((error: unknown) => {
      if (error instanceof NothingNewToSnapshotError) return
      context.logger.error({ error: messageOf(error) }, 'failed to take snapshot')
    })
  }

  #take(): Promise<SnapshotResult> {
    const { context, applier } = this.#options
    if (this.#stopped) return Promise.reject(new RaftShutdownError())
    const begun = context.meter.begin()
    return new Promise((resolve, reject) =>
      applier.snapshot({
        wanted: (index) => this.#refusal(index),
        taken: (point) => resolve(this.#onTaken(point, begun)),
        failed: reject,
      }),
    )
  }

  #refusal(index: number): Error | undefined {
    const { snapshotIndex, isReplaced } = this.#options
    if (index <= snapshotIndex()) return new NothingNewToSnapshotError()
    return isReplaced() ? new SnapshotError('cannot take a snapshot now, a restore has not ended') : undefined
  }

  /** The FSM is free again, and what is written can be aborted from now on. */
  #onTaken(point: FSMPoint, begun: number): Promise<SnapshotResult> {
    // Looked up before anything else happens: a snapshot that arrives could change it.
    const configuration = this.#options.configurationAt(point.index)
    const abort = new AbortController()
    this.#abort = abort
    const written = this.#write(point, configuration, abort.signal)
    const finished = this.#finish(point, configuration, { written, begun })
    this.#written = finished.then(
      () => undefined,
      () => undefined,
    )
    return finished
  }

  async #finish(
    point: FSMPoint,
    { configuration, index: configurationIndex }: IndexedConfiguration,
    { written, begun }: { readonly written: Promise<SnapshotMeta>; readonly begun: number },
  ): Promise<SnapshotResult> {
    const { context, snapshots } = this.#options
    try {
      const meta = await written
      context.meter.timer('raft.snapshot.takeSnapshot', begun)
      const { index, term } = point
      context.post({ type: 'snapshot-taken', snapshot: { index, term, configuration, configurationIndex } })
      return { meta, open: async () => snapshots.open(meta.id) }
    } finally {
      this.#abort = undefined
    }
  }

  async #write(point: FSMPoint, configuration: IndexedConfiguration, signal: AbortSignal): Promise<SnapshotMeta> {
    const { context } = this.#options
    try {
      if (this.#stopped) throw new RaftShutdownError()
      const refusal = this.#refusal(point.index)
      if (refusal !== undefined) throw refusal
      return await this.#store(point, configuration, signal)
    } finally {
      try {
        await point.snapshot.release()
      } catch (error) {
        context.logger.warn({ error: messageOf(error) }, 'failed to release a snapshot')
      }
    }
  }

  async #store(
    point: FSMPoint,
    { configuration, index }: IndexedConfiguration,
    signal: AbortSignal,
  ): Promise<SnapshotMeta> {
    const { snapshots, codec, context } = this.#options
    const description = {
      version: SNAPSHOT_VERSION_MAX,
      index: point.index,
      term: point.term,
      configuration,
      configurationIndex: index,
      peers: encodePeers(configuration, codec),
    }
    let begun = context.meter.begin()
    const sink = await during('create', async () => new CountedSink(await snapshots.create(description)))
    context.meter.timer('raft.snapshot.create', begun)
    begun = context.meter.begin()
    try {
      await during('persist', async () => point.snapshot.persist(sink, { signal }))
      // A snapshot that was to end all the same is whole; but the state that it shows is no longer ours.
      if (signal.aborted)
        throw new SnapshotError('failed to persist snapshot: it was aborted', { cause: signal.reason })
      await during('close', async () => sink.close())
    } catch (error) {
      await cancel(sink, context)
      throw error
    }
    context.meter.timer('raft.snapshot.persist', begun)
    const listed = (await snapshots.list()).find((meta) => meta.id === sink.id)
    return listed ?? { ...description, id: sink.id, size: sink.bytes }
  }
}

/** Does one step; its failure says which. */
async function during<T>(step: 'create' | 'persist' | 'close', act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw new SnapshotError(`failed to ${step} snapshot: ${messageOf(error)}`, { cause: error })
  }
}

async function cancel(sink: CountedSink, { logger }: Context): Promise<void> {
  try {
    await sink.cancel()
  } catch (error) {
    logger.warn({ error: messageOf(error), id: sink.id }, 'failed to remove an incomplete snapshot')
  }
}
