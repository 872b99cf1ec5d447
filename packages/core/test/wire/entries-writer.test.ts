import { expect, test } from 'vitest'
import { type Log, LogType } from '../../src/types/log.ts'
import { EntriesWriter } from '../../src/wire/codec/entries-writer.ts'
import { encoded, Writer } from '../../src/wire/codec/writer.ts'

function entries(count: number, byte = 1): readonly Log[] {
  return Array.from({ length: count }, (_, at) => {
    return { index: at + 1, term: 1, type: LogType.Command, data: new Uint8Array(100).fill(byte) }
  })
}

const alone = (logs: readonly Log[]): Uint8Array => encoded((writer) => new EntriesWriter(false).write(writer, logs))

test.each([1, 7, 8, 1_024])('%i entries are the same bytes for every server', (count) => {
  const logs = entries(count)
  const shared = new EntriesWriter(false)
  const writers = [new Writer(), new Writer(), new Writer()]
  for (const writer of writers) {
    writer.byte(0x2a)
    shared.write(writer, logs)
    writer.byte(0x2b)
  }
  for (const writer of writers) {
    const bytes = writer.take()
    expect(bytes.subarray(1, -1)).toEqual(alone(logs))
    expect([bytes[0], bytes.at(-1)]).toEqual([0x2a, 0x2b])
  }
})

test('what was written is still what it was after the writers have gone on', () => {
  const logs = entries(20)
  const shared = new EntriesWriter(false)
  const first = new Writer()
  shared.write(first, logs)
  first.take()
  for (let round = 0; round < 200; round++) first.raw(new Uint8Array(1_000).fill(9))
  const second = new Writer()
  shared.write(second, logs)
  expect(second.take()).toEqual(alone(logs))
})

test('what was taken back and written over does no harm', () => {
  const logs = entries(20)
  const shared = new EntriesWriter(false)
  const writer = new Writer()
  shared.write(writer, logs)
  writer.truncate(0)
  writer.raw(new Uint8Array(3_000).fill(9))
  const other = new Writer()
  shared.write(other, logs)
  expect(other.take()).toEqual(alone(logs))
})

test('several arrays are encoded once each, also when one server has them all before the next', () => {
  const arrays = [1, 2, 3, 4].map((byte) => entries(20, byte))
  let readings = 0
  const watched = arrays.map((logs) =>
    logs.map((log) => ({
      ...log,
      get data() {
        readings += 1
        return log.data
      },
    })),
  )
  const shared = new EntriesWriter(false)
  for (const logs of watched) shared.write(new Writer(), logs)
  const before = readings
  for (const [at, logs] of watched.entries()) {
    const writer = new Writer()
    shared.write(writer, logs)
    expect(writer.take()).toEqual(alone(arrays[at]!))
  }
  expect(readings).toBe(before)
})

test('entries that cannot be encoded leave nothing to share, and more data than is worth it is not kept', () => {
  const shared = new EntriesWriter(false)
  const logs = entries(20)
  const bad = [...logs, { ...logs[0]!, type: 6 as LogType }]
  for (let attempt = 0; attempt < 2; attempt++) expect(() => shared.write(new Writer(), bad)).toThrow(RangeError)
  const large = entries(9).map((log) => ({ ...log, data: new Uint8Array(300_000).fill(7) }))
  for (const wanted of [logs, large, large, logs]) {
    const writer = new Writer()
    shared.write(writer, wanted)
    expect(Buffer.compare(writer.take(), alone(wanted))).toBe(0)
  }
})

test('other entries are not taken for those of before', () => {
  const shared = new EntriesWriter(false)
  shared.write(new Writer(), entries(20, 1))
  const writer = new Writer()
  shared.write(writer, entries(20, 2))
  expect(writer.take()).toEqual(alone(entries(20, 2)))
})
