import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Clock,
  type Logger,
  type SnapshotDescription,
  SnapshotError,
  type SnapshotMeta,
  type SnapshotStore,
  type SnapshotStoreCapabilities,
} from '@raft/core'
import { FileSnapshotReader, readMeta } from './file-snapshot-reader.ts'
import { FileSnapshotSink, type SinkPlace } from './file-snapshot-sink.ts'
import { FOLDER_MODE, hasCode, isMissing, makeFolder, messageOf, syncFolder } from './files.ts'
import { newestFirst } from './meta.ts'

/** How a store is opened. */
export interface FileSnapshotStoreOptions {
  /** The folder that `snapshots` is in; both are made if missing. One process at a time may use it. */
  readonly dir: string
  /** How many snapshots are kept; at least 1. */
  readonly retain: number
  /** Is told of what is skipped or cannot be removed. Default: nobody. */
  readonly logger?: Logger | undefined
  /** Names snapshots by the time. Default: the system's clock. */
  readonly clock?: Pick<Clock, 'wallTime'> | undefined
}

const capabilities: SnapshotStoreCapabilities = Object.freeze({ contract: 1 })
const snapshotName = /^\d+-\d+-\d+$/

/**
 * Snapshots in a folder, in the layout of hashicorp/raft: either program opens what the other wrote. A snapshot that is
 * listed is complete and survives a power cut. Several may be written and read at a time.
 */
export class FileSnapshotStore implements SnapshotStore {
  readonly capabilities: SnapshotStoreCapabilities = capabilities
  readonly #path: string
  readonly #retain: number
  readonly #logger: Logger | undefined
  readonly #clock: Pick<Clock, 'wallTime'> | undefined
  /**
   * The snapshot that was closed last. It is kept and listed even if it is older than `retain` others, as one is that
   * comes from a leader to replace a wrong state: whoever closed it is about to open it.
   */
  #latest: string | undefined

  /**
   * Opens a store, or makes one, and removes what a crash left of unfinished snapshots. Rejects with `RangeError` if
   * `retain` is less than 1, with `SnapshotError` if the folder cannot be made or written.
   */
  static async open(options: FileSnapshotStoreOptions): Promise<FileSnapshotStore> {
    if (!Number.isSafeInteger(options.retain) || options.retain < 1) {
      throw new RangeError('must retain at least one snapshot')
    }
    const store = new FileSnapshotStore(options)
    await store.#prepare()
    return store
  }

  private constructor({ dir, retain, logger, clock }: FileSnapshotStoreOptions) {
    this.#path = resolve(dir, 'snapshots')
    this.#retain = retain
    this.#logger = logger
    this.#clock = clock
  }

  /**
   * Starts a snapshot. Rejects with `SnapshotError` for a version other than 1 or if the folder cannot be written, with
   * `RangeError` for a number that is not one.
   */
  async create(description: SnapshotDescription): Promise<FileSnapshotSink> {
    const { version, index, term, peers, configuration, configurationIndex } = description
    if (version !== 1) throw new SnapshotError(`unsupported snapshot version ${version}`)
    for (const [name, value] of Object.entries({ index, term, configurationIndex })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(`${name} must be an integer from 0 to 2^53 - 1, got ${value}`)
      }
    }
    let temporary: string | undefined
    try {
      const place = await this.#reserve(`${term}-${index}`)
      temporary = place.temporary
      const meta = { version, id: place.id, index, term, peers, configuration, configurationIndex, size: 0 }
      return await FileSnapshotSink.start(meta, place)
    } catch (error) {
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
      throw new SnapshotError(`cannot make a snapshot in ${this.#path}: ${messageOf(error)}`, { cause: error })
    }
  }

  /**
   * The complete snapshots, newest first: `retain` at most, and the one that was closed last if it is older than those.
   * What is no readable snapshot is skipped.
   */
  async list(): Promise<readonly SnapshotMeta[]> {
    return (await this.#all()).filter((meta, at) => this.#isKept(meta, at))
  }

  /**
   * Opens a snapshot after reading it once to check it. Rejects with `SnapshotError` if it is missing, with
   * `CorruptError` if its checksum or size is wrong or its metadata makes no sense.
   */
  async open(id: string): Promise<FileSnapshotReader> {
    checkName(id)
    return FileSnapshotReader.open(join(this.#path, id), id)
  }

  /** Removes the oldest snapshots until `retain` are left; `close` of a sink does it too. Rejects at the first failure. */
  async reapSnapshots(): Promise<void> {
    await this.#reap(this.#retain)
  }

  /**
   * Removes a snapshot, durably; the one before it is then the newest again. One that is missing does not matter. Rejects
   * with `SnapshotError` for what is no name of a snapshot.
   */
  async remove(id: string): Promise<void> {
    checkName(id)
    try {
      await this.#removeFolder(id)
    } catch (error) {
      if (!isMissing(error))
        throw new SnapshotError(`cannot remove snapshot ${id}: ${messageOf(error)}`, { cause: error })
    }
    await syncFolder(this.#path)
  }

  async #reap(keep: number): Promise<void> {
    for (const [at, meta] of (await this.#all()).entries()) {
      if (at >= keep && meta.id !== this.#latest) await this.#removeFolder(meta.id)
    }
  }

  /** Under the other name a removal that is interrupted leaves no half of a snapshot, and is finished at the next open. */
  async #removeFolder(id: string): Promise<void> {
    const folder = join(this.#path, id)
    await rename(folder, `${folder}.tmp`)
    await rm(`${folder}.tmp`, { recursive: true, force: true })
  }

  #isKept({ id }: SnapshotMeta, place: number): boolean {
    return place < this.#retain || id === this.#latest
  }

  async #prepare(): Promise<void> {
    try {
      await makeFolder(this.#path)
    } catch (error) {
      throw new SnapshotError(`snapshot path not accessible: ${messageOf(error)}`, { cause: error })
    }
    const probe = join(this.#path, 'permTest')
    try {
      await (await open(probe, 'w')).close()
      // Gone already if somebody else opens the folder at this moment.
      await rm(probe, { force: true })
      await this.#removeLeftovers()
      // A process that was killed may have given a snapshot its name without having synced it.
      await syncFolder(this.#path)
    } catch (error) {
      throw new SnapshotError(`permissions test failed: ${messageOf(error)}`, { cause: error })
    }
  }

  async #removeLeftovers(): Promise<void> {
    for (const entry of await readdir(this.#path, { withFileTypes: true })) {
      const name = entry.name.replace(/\.tmp$/, '')
      if (name === entry.name || !entry.isDirectory() || !snapshotName.test(name)) continue
      try {
        await rm(join(this.#path, entry.name), { recursive: true })
      } catch (error) {
        this.#warn('cannot remove an unfinished snapshot', entry.name, error)
      }
    }
  }

  /** Finds a name that no snapshot has, and makes its temporary folder. */
  async #reserve(prefix: string): Promise<SinkPlace & { readonly id: string }> {
    // It may have been removed since the store was opened.
    if (!(await exists(this.#path))) await makeFolder(this.#path)
    for (let milliseconds = this.#now(); ; milliseconds++) {
      const id = `${prefix}-${milliseconds}`
      const folder = join(this.#path, id)
      const temporary = `${folder}.tmp`
      try {
        await mkdir(temporary, { mode: FOLDER_MODE })
      } catch (error) {
        if (hasCode(error, 'EEXIST')) continue
        throw error
      }
      // Only now: one that was being written a moment ago may have got its name meanwhile.
      if (!(await exists(folder))) return { id, folder, temporary, completed: () => this.#onCompleted(id) }
      await rm(temporary, { recursive: true })
    }
  }

  /** All readable snapshots, newest first. */
  async #all(): Promise<SnapshotMeta[]> {
    const found: SnapshotMeta[] = []
    for (const entry of await this.#entries()) {
      if (!entry.isDirectory() || entry.name.endsWith('.tmp')) continue
      try {
        found.push((await readMeta(join(this.#path, entry.name), entry.name)).meta)
      } catch (error) {
        this.#warn('skipped what is no readable snapshot', entry.name, error)
      }
    }
    return found.sort(newestFirst)
  }

  async #entries(): Promise<{ readonly name: string; isDirectory(): boolean }[]> {
    try {
      return await readdir(this.#path, { withFileTypes: true })
    } catch (error) {
      if (isMissing(error)) return []
      throw new SnapshotError(`cannot read ${this.#path}: ${messageOf(error)}`, { cause: error })
    }
  }

  /** The new snapshot is complete whatever becomes of the old ones. */
  async #onCompleted(id: string): Promise<void> {
    this.#latest = id
    try {
      // One more than is listed if that is one: what was the newest before can become it again.
      await this.#reap(Math.max(this.#retain, 2))
    } catch (error) {
      this.#warn('cannot remove old snapshots', '', error)
    }
  }

  #now(): number {
    if (this.#clock === undefined) return Date.now()
    const { seconds, nanoseconds } = this.#clock.wallTime()
    return seconds * 1_000 + Math.floor(nanoseconds / 1_000_000)
  }

  #warn(message: string, name: string, error: unknown): void {
    this.#logger?.warn({ path: join(this.#path, name), error: messageOf(error) }, `snapshot: ${message}`)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Throws for what would lead out of the folder, or to what is not complete. */
function checkName(id: string): void {
  if (id === '' || id === '.' || id === '..' || /[/\\\0]/.test(id) || id.endsWith('.tmp')) {
    throw new SnapshotError(`'${id}' is not the name of a snapshot`)
  }
}
