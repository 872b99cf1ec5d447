import type { FSM, SnapshotSource } from '@raft/core'
import type { Epoch } from '../checks/restores.ts'
import { HEAD } from '../checks/snapshot-checks.ts'
import type { Model, Operation } from '../linearizability/history.ts'

/** What clients saw of one stretch of history, and the model that it begins with. */
export interface Stretch {
  readonly operations: readonly Operation[]
  readonly model: Model<unknown, unknown, unknown>
}

/** What dividing a history takes. */
export interface StretchOptions {
  readonly operations: readonly Operation[]
  readonly model: Model<unknown, unknown, unknown>
  /** Restores that were committed. */
  readonly epochs: readonly Epoch[]
  readonly machine: () => FSM
  /** The state of a key in a state machine. */
  readonly stateOf: (fsm: FSM, key: string) => unknown
}

/**
 * Divides a history at the restores, each of which gives the cluster another state. An operation belongs to the stretch
 * of the entry that it was answered from; one that nobody answered may belong to any that was not over when it began.
 */
export async function stretchesOf(options: StretchOptions): Promise<readonly Stretch[]> {
  const { operations, model, epochs, machine, stateOf } = options
  const stretches: Stretch[] = []
  for (let at = 0; at <= epochs.length; at++) {
    const [begin, end] = [epochs[at - 1], epochs[at]]
    const isInside = ({ index, begun }: Operation): boolean =>
      index === undefined
        ? end === undefined || begun < end.begun
        : index >= (begin?.index ?? 0) && index < (end?.index ?? Infinity)
    const own = operations.filter((operation) => isInside(operation))
    if (begin === undefined) stretches.push({ operations: own, model })
    else {
      const fsm = machine()
      await fsm.restore(sourceOf(begin.bytes.subarray(HEAD)))
      stretches.push({ operations: own, model: { ...model, initial: (key) => stateOf(fsm, key) } })
    }
  }
  return stretches
}

function sourceOf(bytes: Uint8Array): SnapshotSource {
  async function* read(): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  return { [Symbol.asyncIterator]: read, bytesRead: bytes.length, size: bytes.length, unwrap: read }
}
