import type { Awaitable } from '@raft/core'

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

  /** Replaces the store by one that was opened on what it left behind. */
  async reopen(): Promise<void> {
    if (this.#setup.reopen === undefined) throw new Error('this setup cannot reopen a store')
    this.store = await this.#setup.reopen(this.store)
  }

  /** Disposes of the store. */
  async dispose(): Promise<void> {
    await this.#setup.dispose?.(this.store)
  }
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
