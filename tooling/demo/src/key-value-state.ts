// The state that every node holds alike. Only key-value-machine.ts changes it.
import { createHash } from 'node:crypto'
import { type Command, type DeleteCommand, type PutCommand } from './command.ts'

/** What is known of a key. Immutable: a change makes a new one, so that a snapshot may hold on to the old one. */
export interface Entry {
  readonly value: Uint8Array
  /** The log entry that set it last. */
  readonly index: number
  /** How often it was set since it last came into being: 1 is once. */
  readonly version: number
}

/** What a command answers. */
export interface KeyValueResult {
  /** The command's own place in the log. */
  readonly index: number
  /** False if `expect` did not hold, and nothing was changed. */
  readonly done: boolean
  /** Whether the key was there before. */
  readonly existed: boolean
  /** The key afterwards; undefined if it is not there. */
  readonly entry: Entry | undefined
}

/** A point in time of the state: it shares the entries, which never change, and nothing else. */
export interface KeyValueView {
  readonly applied: number
  readonly digest: Uint8Array
  readonly members: ReadonlyMap<string, string>
  /** In ascending order of `index`. */
  readonly entries: ReadonlyMap<string, Entry>
}

/** The digest of a state to which nothing has been applied. */
export const initialDigest: Uint8Array = new Uint8Array(32)

/** Keys, members, and a digest of every command that was ever applied and of the order they came in. */
export class KeyValueState implements KeyValueView {
  applied = 0
  digest: Uint8Array = initialDigest
  readonly members: Map<string, string>
  readonly entries: Map<string, Entry>

  constructor(from?: KeyValueView) {
    this.applied = from?.applied ?? 0
    this.digest = from?.digest ?? initialDigest
    this.members = new Map(from?.members)
    this.entries = new Map(from?.entries)
  }

  /** Counts a command in. Two nodes with equal digests have applied the same bytes at the same indexes in the same order. */
  record(index: number, bytes: Uint8Array): void {
    const place = new Uint8Array(8)
    new DataView(place.buffer).setBigUint64(0, BigInt(index))
    this.digest = createHash('sha256').update(this.digest).update(place).update(bytes).digest()
    this.applied++
  }

  apply(index: number, command: Command): KeyValueResult {
    switch (command.op) {
      case 'put':
        return this.#change(index, command)
      case 'delete':
        return this.#change(index, command)
      case 'get': {
        const entry = this.entries.get(command.key)
        return { index, done: true, existed: entry !== undefined, entry }
      }
      case 'member': {
        const existed = this.members.has(command.id)
        this.members.set(command.id, command.http)
        return { index, done: true, existed, entry: undefined }
      }
    }
  }

  #change(index: number, command: PutCommand | DeleteCommand): KeyValueResult {
    const before = this.entries.get(command.key)
    const existed = before !== undefined
    if (command.expect !== undefined && command.expect !== (before?.index ?? 0)) {
      return { index, done: false, existed, entry: before }
    }
    // Taken out first, so that the order of the map is the order of the indexes.
    this.entries.delete(command.key)
    if (command.op === 'delete') return { index, done: true, existed, entry: undefined }
    const entry = { value: command.value, index, version: (before?.version ?? 0) + 1 }
    this.entries.set(command.key, entry)
    return { index, done: true, existed, entry }
  }
}
