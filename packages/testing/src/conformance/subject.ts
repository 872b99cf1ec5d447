import { fail } from 'node:assert/strict'
import type { Awaitable } from '@raft/core'
import {
  type CrashImage,
  crashImages,
  type FolderImage,
  readFolder,
  removeFolder,
  writeFolder,
} from './crash-images.ts'

/** How the suite finds a store's files, to see what it makes of those that a power cut leaves. */
export interface CrashSetup<Store> {
  /** The folder of a store: all of its files are in it, and nothing else is. */
  folder(store: Store): string
  /** Opens what is in a folder: files as a power cut in the middle of a write may have left them. */
  open(folder: string): Awaitable<Store>
  /**
   * When a file is written, as compared with the others: one of a higher number once those of lower ones are durable. Of
   * several with one number, those whose names come first in the alphabet. undefined is for a file that is made anew
   * from the others. Default: 0 for each.
   */
  order?(file: string): number | undefined
  /**
   * It checks what it reads: bytes that have changed on the disk are never given out as good. Default false: then this
   * is not tested.
   */
  readonly detectsDamage?: boolean | undefined
}

/** How a suite gets its stores. */
export interface StoreSetup<Store> {
  /** A fresh, empty store. */
  create(): Awaitable<Store>
  /**
   * Opens again what a store left behind, as after a crash or a stop; `store` has not been closed. Without it the cases
   * about what survives are skipped.
   */
  reopen?(store: Store): Awaitable<Store>
  /** Closes a store and removes what it left. */
  dispose?(store: Store): Awaitable<void>
  /** For a store in files: without it the cases about power cuts and torn writes are skipped. */
  readonly crash?: CrashSetup<Store> | undefined
}

/** A store under test. */
export class StoreSubject<Store> {
  /** The store; another one after `reopen`. */
  store: Store
  readonly #setup: StoreSetup<Store>

  constructor(store: Store, setup: StoreSetup<Store>) {
    this.store = store
    this.#setup = setup
  }

  /** Whether what survives can be tested. */
  get canReopen(): boolean {
    return this.#setup.reopen !== undefined
  }

  /** How its files are found, if it has some. */
  get crash(): CrashSetup<Store> | undefined {
    return this.#setup.crash
  }

  /** Replaces the store by one that was opened on what it left behind. */
  async reopen(): Promise<void> {
    if (this.#setup.reopen === undefined) throw new Error('this setup cannot reopen a store')
    this.store = await this.#setup.reopen(this.store)
  }

  /** What its folder holds now, as a power cut would leave it if all of it were written. */
  async image(): Promise<FolderImage> {
    return await readFolder(this.#crash.folder(this.store))
  }

  /** The states in which a power cut may leave the folder in the middle of what `act` does. */
  async cutShort(act: (store: Store) => Awaitable<void>): Promise<readonly CrashImage[]> {
    const before = await this.image()
    await act(this.store)
    return [...crashImages(before, await this.image(), (file) => this.order(file))]
  }

  /** When a file is written; undefined if it is made anew. */
  order(file: string): number | undefined {
    const { order } = this.#crash
    return order === undefined ? 0 : order(file)
  }

  /** Opens a store on such a state, hands it to the function, and removes it. Fails if it does not open. */
  async afterCrash({ what, files }: CrashImage, check: (subject: StoreSubject<Store>) => Promise<void>): Promise<void> {
    const folder = await writeFolder(files)
    try {
      let store: Store
      try {
        store = await this.#crash.open(folder)
      } catch (error) {
        throw new Error(`after a power cut, when ${what}, the store does not open: ${messageOf(error)}`, {
          cause: error,
        })
      }
      const subject = new StoreSubject(store, this.#setup)
      try {
        await check(subject)
      } catch (error) {
        fail(`after a power cut, when ${what}: ${messageOf(error)}`)
      } finally {
        await subject.dispose()
      }
    } finally {
      await removeFolder(folder)
    }
  }

  /** Disposes of the store. */
  async dispose(): Promise<void> {
    await this.#setup.dispose?.(this.store)
  }

  get #crash(): CrashSetup<Store> {
    if (this.#setup.crash === undefined) throw new Error('this setup does not say where the files of a store are')
    return this.#setup.crash
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Makes a fresh subject for each case. */
export function subjects<Store>(setup: StoreSetup<Store>): {
  make(): Promise<StoreSubject<Store>>
  dispose(subject: StoreSubject<Store>): Promise<void>
} {
  return {
    make: async () => new StoreSubject(await setup.create(), setup),
    dispose: (subject) => subject.dispose(),
  }
}

/** Why a case about what survives is skipped. */
export function cannotReopen(subject: StoreSubject<unknown>): string | undefined {
  return subject.canReopen ? undefined : 'the setup has no reopen'
}

/** Why a case about power cuts is skipped. */
export function hasNoFiles(subject: StoreSubject<unknown>): string | undefined {
  return subject.crash === undefined ? 'the setup does not say where the files of a store are' : undefined
}
