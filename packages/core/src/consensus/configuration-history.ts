import { type IndexedConfiguration, NO_SERVERS, type Server } from '../types/configuration.ts'
import { votersOf } from './membership.ts'

const none: IndexedConfiguration = { configuration: { servers: NO_SERVERS }, index: 0 }

/**
 * The configurations of the snapshot and of the log that is kept, by index. Which one is in force at an index is looked
 * up, never remembered, so that no truncation, commit or snapshot can leave a wrong one behind (design 2.6).
 */
export class ConfigurationHistory {
  #list: IndexedConfiguration[]
  /** Looked up after every event of a leader, and hardly ever another. */
  #voters: { readonly of: IndexedConfiguration; readonly servers: readonly Server[] } = {
    of: none,
    servers: NO_SERVERS,
  }

  constructor(list: readonly IndexedConfiguration[]) {
    this.#list = [...list]
  }

  /** The newest, committed or not: the one that counts (thesis 4.1). Index 0 without any. */
  get latest(): IndexedConfiguration {
    return this.#list.at(-1) ?? none
  }

  /** The members of the newest that have a vote, in its order. */
  get latestVoters(): readonly Server[] {
    const { latest } = this
    if (this.#voters.of !== latest) this.#voters = { of: latest, servers: votersOf(latest.configuration) }
    return this.#voters.servers
  }

  /** The one in force at the index. Index 0 if there is none. */
  at(index: number): IndexedConfiguration {
    for (let position = this.#list.length - 1; position >= 0; position--) {
      const entry = this.#list[position]!
      if (entry.index <= index) return entry
    }
    return none
  }

  append(entry: IndexedConfiguration): void {
    this.#list.push(entry)
  }

  /** Forgets those at the index and after: their entries are gone. */
  truncateFrom(index: number): void {
    while (this.#list.length > 0 && this.#list.at(-1)!.index >= index) this.#list.pop()
  }

  /** Forgets those that were replaced before the index: a snapshot covers them. */
  compactThrough(index: number): void {
    const kept = this.at(index)
    this.#list = this.#list.filter((entry) => entry === kept || entry.index > index)
  }

  /** A snapshot at the index arrived: its configuration is in force there. Those after stay if the log does. */
  install(index: number, snapshot: IndexedConfiguration, logKept: boolean): void {
    const after = logKept ? this.#list.filter((entry) => entry.index > index) : []
    this.#list = [snapshot, ...after]
  }
}
