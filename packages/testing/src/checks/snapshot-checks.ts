import type { Configuration, SnapshotSink } from '@raft/core'
import { concatBytes } from '../bytes.ts'
import type { SnapshotFile } from '../world/disk-snapshots.ts'
import { bytesHash } from './content-hash.ts'
import type { Ledger } from './ledger.ts'
import type { Restore } from './restores.ts'
import type { Violations } from './violations.ts'

/** The bytes before those of the state machine: the index of its last command. */
export const HEAD = 8

/** The head of a snapshot of a state machine whose last command is at the index. */
export function snapshotHead(index: number): Uint8Array {
  const head = new Uint8Array(HEAD)
  new DataView(head.buffer).setFloat64(0, index)
  return head
}

/** The index in the head of a snapshot. */
export function indexOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, HEAD).getFloat64(0)
}

/** Sees that every snapshot is the state it says it is, with the membership that was in force there (S16). */
export class SnapshotChecks {
  readonly #ledger: Ledger
  readonly #violations: Violations
  /** Hashes of what state machines have written, by the index in the head. */
  readonly #written = new Map<number, Set<number>>()

  constructor(ledger: Ledger, violations: Violations) {
    this.#ledger = ledger
    this.#violations = violations
  }

  /** A sink for a state machine's snapshot that remembers what was written once it is done: closed, or left to the node. */
  watch(sink: SnapshotSink): SnapshotSink & { done(): void } {
    const chunks: Uint8Array[] = []
    const done = (): void => {
      const bytes = concatBytes(chunks)
      const index = indexOf(bytes)
      const known = this.#written.get(index)
      if (known === undefined) this.#written.set(index, new Set([bytesHash(bytes)]))
      else known.add(bytesHash(bytes))
    }
    return {
      done,
      id: sink.id,
      write: (chunk) => {
        chunks.push(chunk.slice())
        return sink.write(chunk)
      },
      close: () => {
        done()
        return sink.close()
      },
      cancel: () => sink.cancel(),
    }
  }

  /** A snapshot is durable on a server: its own, or one that its leader has sent. */
  saved(server: string, { meta, bytes }: SnapshotFile): void {
    const { index, term, configuration, configurationIndex } = meta
    const committed = this.#ledger.committed(index)
    if (committed?.term !== term) {
      const text = (): string =>
        committed === undefined
          ? `${server} has a snapshot at ${index}, and ${this.#ledger.committedThrough} is committed`
          : `${server} has a snapshot at ${index} of term ${term}, and ${committed.term} is committed there`
      this.#violations.expect(this.#noteRestore(server, { index, term, bytes }), 'S16', text)
    }
    this.#checkBytes(server, index, bytes)
    // The membership there is that of another history.
    if (committed !== undefined && committed.term !== term) return
    const expected = this.#ledger.configurationAt(index)
    if (expected === undefined) return
    const same = expected.index === configurationIndex && textOf(expected.configuration) === textOf(configuration)
    const text = (): string =>
      `the snapshot of ${server} at ${index} has the membership ${textOf(configuration)} of ${configurationIndex}; ` +
      `in force is ${textOf(expected.configuration)} of ${expected.index}`
    this.#violations.expect(same, 'S16', text)
  }

  /** Whether what is not committed is a restore: the leader that is asked for it is the first to have it. */
  #noteRestore(server: string, restore: Restore): boolean {
    const { restores } = this.#ledger
    return restores.has(restore) || (this.#ledger.leaderOf(restore.term) === server && restores.note(restore))
  }

  /** A state machine has restored all of a snapshot's bytes, which stand for the index. */
  restored(server: string, index: number, bytes: Uint8Array): void {
    this.#checkBytes(server, index, bytes)
  }

  #checkBytes(server: string, index: number, bytes: Uint8Array): void {
    const head = bytes.length < HEAD ? 0 : indexOf(bytes)
    const known = this.#written.get(head)?.has(bytesHash(bytes)) === true
    const text = (): string => `the snapshot of ${server} at ${index} is nothing that a state machine has written`
    this.#violations.expect(known, 'S16', text)
    // A restore is the state of another index, on purpose.
    const skipped = this.#ledger.isRestored(index) ? undefined : this.#ledger.commandBetween(head, index)
    const missing = (): string => `the snapshot of ${server} at ${index} is without the command at ${skipped}`
    this.#violations.expect(skipped === undefined, 'S16', missing)
  }
}

function textOf({ servers }: Configuration): string {
  return servers.map(({ id, address, suffrage }) => `${id}@${address} ${suffrage}`).join(', ')
}
