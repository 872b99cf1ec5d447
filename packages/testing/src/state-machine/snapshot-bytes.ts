import type { FSM, FSMSnapshot, SnapshotSink, SnapshotSource } from '@raft/core'
import { concatBytes } from '../bytes.ts'

/** A snapshot's sink in memory. */
export class MemorySink implements SnapshotSink {
  readonly id = 'memory'
  readonly #chunks: Uint8Array[] = []
  #state: 'open' | 'closed' | 'cancelled' = 'open'

  get state(): 'open' | 'closed' | 'cancelled' {
    return this.#state
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return concatBytes(this.#chunks)
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw new Error(`the snapshot is ${this.#state}: nothing more can be written`)
    this.#chunks.push(chunk.slice())
  }

  async close(): Promise<void> {
    if (this.#state === 'cancelled') throw new Error('the snapshot is cancelled')
    this.#state = 'closed'
  }

  async cancel(): Promise<void> {
    if (this.#state === 'open') this.#state = 'cancelled'
  }
}

/** The bytes of a snapshot, taken and written with nothing beside it. */
export async function snapshotOf(fsm: FSM): Promise<Uint8Array> {
  const snapshot = await fsm.snapshot()
  try {
    return await persisted(snapshot)
  } finally {
    await snapshot.release()
  }
}

/** What a snapshot writes. */
export async function persisted(
  snapshot: FSMSnapshot,
  sink = new MemorySink(),
  signal = new AbortController().signal,
): Promise<Uint8Array> {
  await snapshot.persist(sink, { signal })
  if (sink.state === 'cancelled') throw new Error('persist cancelled its sink, although nothing was wrong with it')
  return sink.bytes
}

/** Bytes as a snapshot to restore, in chunks of the given sizes, which are used in turn. */
export function sourceOf(bytes: Uint8Array, sizes: readonly number[] = [4_096]): SnapshotSource {
  let bytesRead = 0
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const chunk = bytes.slice(at, at + sizes[turn % sizes.length]!)
      at += chunk.length
      bytesRead += chunk.length
      yield chunk
    }
  }
  const under = chunks()
  return {
    [Symbol.asyncIterator]: () => under,
    get bytesRead() {
      return bytesRead
    },
    size: bytes.length,
    unwrap: () => under,
  }
}
