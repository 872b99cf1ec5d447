import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Log, LogType, type Timestamp } from '@raft/core'
import { PackedLogs } from '../src/packed-logs.ts'

const times: readonly (Timestamp | undefined)[] = [
  undefined,
  { seconds: 1_700_000_000, nanoseconds: 5, offset: undefined },
  { seconds: -1, nanoseconds: 999_999_999, offset: -3_600 },
]

/** Entries of every kind: without data, with empty data, in buffers of their own, in a shared one, with extensions. */
function entry(index: number, shared = new Uint8Array(64)): Log {
  const data = [undefined, new Uint8Array(0), Uint8Array.of(index % 256, 1), shared.subarray(index % 64)][index % 4]
  return {
    index,
    term: 2 ** 40 + index,
    type: index % 7 === 0 ? LogType.Barrier : LogType.Command,
    data,
    extensions: index % 5 === 0 ? Uint8Array.of(index % 256) : undefined,
    appendedAt: times[Math.floor(index / 10) % 3],
  }
}

function entries(first: number, count: number): Log[] {
  const shared = new Uint8Array(64).fill(9)
  return Array.from({ length: count }, (_, at) => entry(first + at, shared))
}

function filled(logs: readonly Log[]): PackedLogs {
  const packed = new PackedLogs(logs[0]!.index)
  for (const log of logs) packed.push(log)
  return packed
}

function contents(packed: PackedLogs): Log[] {
  return Array.from({ length: packed.end - packed.first }, (_, at) => packed.get(packed.first + at)!)
}

/** One text for all: vitest takes long to compare thousands of objects. */
function texts(logs: readonly Log[]): string {
  return logs
    .map(({ index, term, data, extensions, appendedAt }) =>
      [index, term, data?.join(' '), extensions?.join(' '), appendedAt?.seconds].join(),
    )
    .join('; ')
}

test.each([1, 2 ** 33 + 5])('gives back what it was given, from index %d on', (first) => {
  const logs = entries(first, 5_000)
  const packed = filled(logs)
  expect(contents(packed)).toEqual(logs)
  for (const index of [first - 1, first + 5_000, first + 0.5 - 1, Number.NaN]) expect(packed.get(index)).toBeUndefined()
})

test('is like an array, whatever is dropped, replaced and added', () => {
  let state = 7
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  for (let round = 0; round < 20; round++) {
    let model = entries(1 + draw(3_000), 1 + draw(3_000))
    const packed = filled(model)
    for (let step = 0; step < 12; step++) {
      const index = model[0]!.index + draw(model.length)
      const kind = draw(4)
      if (kind === 0) {
        packed.dropBefore(index)
        model = model.filter((log) => log.index >= index)
      } else if (kind === 1 && index > model[0]!.index) {
        packed.dropFrom(index)
        model = model.filter((log) => log.index < index)
      } else if (kind === 2) {
        const other = { ...entry(index), term: step }
        packed.replace(other)
        model = model.map((log) => (log.index === index ? other : log))
      } else {
        for (const log of entries(packed.end, draw(1_500))) {
          packed.push(log)
          model.push(log)
        }
      }
      expect([packed.first, packed.end]).toEqual([model[0]!.index, model.at(-1)!.index + 1])
      expect(texts(contents(packed))).toEqual(texts(model))
    }
  }
})

test('can be emptied from both ends and filled again', () => {
  const packed = filled(entries(10, 2_000))
  packed.dropFrom(10)
  expect([packed.first, packed.end, packed.get(10)]).toEqual([10, 10, undefined])
  for (const log of entries(10, 1_500)) packed.push(log)
  packed.dropBefore(5_000)
  expect([packed.first, packed.end]).toEqual([1_510, 1_510])
  for (const log of entries(1_510, 3)) packed.push(log)
  expect(contents(packed)).toEqual(entries(1_510, 3))
})

test('lets go of the objects of what was dropped', () => {
  const odd = (index: number): Log => ({ ...entry(index), data: new Uint8Array(100_000) })
  const packed = filled(Array.from({ length: 10 }, (_, at) => odd(1 + at)))
  packed.dropBefore(4)
  packed.dropFrom(8)
  for (const log of entries(8, 4)) packed.push(log)
  expect(texts(contents(packed))).toBe(texts([4, 5, 6, 7].map(odd).concat(entries(8, 4))))
})

test('lets go of bytes that nobody can read any more', async () => {
  const packed = new PackedLogs(1)
  const gone = fill(packed)
  packed.dropBefore(41)
  packed.dropFrom(61)
  // What was looked at by a weak reference lives until its turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(gone.filter((held) => held.deref() !== undefined)).toEqual([])
  expect(packed.get(41)!.data).toHaveLength(1_000)
  expect(packed.get(60)!.data).toHaveLength(1_000)
})

/** Adds a hundred entries, and returns the bytes of those that are not among the 41st through the 60th. */
function fill(packed: PackedLogs): WeakRef<ArrayBufferLike>[] {
  const gone: WeakRef<ArrayBufferLike>[] = []
  for (let index = 1; index <= 100; index++) {
    const data = new Uint8Array(1_000)
    packed.push({ index, term: 1, type: LogType.Command, data })
    if (index <= 40 || index > 60) gone.push(new WeakRef(data.buffer))
  }
  return gone
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
