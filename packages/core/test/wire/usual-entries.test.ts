import { expect, test } from 'vitest'
import { type Log, LogType, type Timestamp } from '../../src/types/log.ts'
import { readLog } from '../../src/wire/codec/log.ts'
import { Reader } from '../../src/wire/codec/reader.ts'
import { decodeLog, encodeLog } from '../../src/wire/index.ts'
import { Seeded } from '../consensus/harness/seeded.ts'

// Entries as nearly all are written have a way of reading of their own. It is held against the other one, which is taken
// when the map is announced by three bytes where one would do.

const sizes = [0, 1, 31, 32, 127, 128, 255, 256, 300, 65_535, 65_536]
const zones = [undefined, 0, 3_600, -1_800, 59]

/** An entry with nothing but what the usual way reads. */
function usualLog(random: Seeded): Log {
  const number = (): number => 2 ** random.between(0, 52) + random.between(0, 3)
  const time = (): Timestamp => ({
    seconds: number() % 2 ** 40,
    nanoseconds: random.between(0, 999_999_999),
    offset: zones[random.between(0, zones.length - 1)],
  })
  return {
    index: number(),
    term: number(),
    type: random.between(0, 5) as LogType,
    data: new Uint8Array(sizes[random.between(0, sizes.length - 1)]!).fill(random.between(0, 255)),
    extensions: undefined,
    appendedAt: random.between(0, 9) === 0 ? undefined : time(),
  }
}

/** The same, announced as none is: six pairs, in a map of a 16-bit length. */
function announcedAtLength(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(0xde, 0, 6, ...bytes.subarray(1))
}

/** What reading comes to, and how many bytes are left then. */
function outcome(bytes: Uint8Array): unknown {
  const reader = new Reader().reset(bytes)
  try {
    return { log: readLog(reader), left: reader.remaining }
  } catch (error) {
    return (error as Error).message.replace(/byte \d+/, 'byte')
  }
}

test('both ways read the same, whatever the entry', () => {
  const random = new Seeded(1)
  for (let round = 0; round < 500; round++) {
    const { data, ...rest } = usualLog(random)
    const bytes = encodeLog({ data, ...rest })
    for (const written of [bytes, announcedAtLength(bytes)]) {
      const { data: found, ...others } = decodeLog(written)
      expect(others).toEqual(rest)
      // Vitest takes a second for each hundred kilobytes.
      expect(Buffer.compare(found!, data!)).toBe(0)
    }
  }
})

test('both ways read the same, and refuse the same, whatever byte of an entry is wrong', () => {
  const appendedAt = { seconds: 1_700_000_000, nanoseconds: 5, offset: undefined }
  const data = Uint8Array.of(1, 2, 3)
  const log: Log = { index: 300, term: 70_000, type: LogType.Command, data, extensions: undefined, appendedAt }
  // What follows belongs to the next entry.
  const bytes = Uint8Array.of(...encodeLog(log), ...encodeLog(log))
  const outcomes = new Set<unknown>()
  for (let at = 1; at < bytes.length / 2; at++) {
    for (let value = 0; value < 256; value++) {
      const wrong = bytes.slice()
      wrong[at] = value
      const found = outcome(wrong)
      expect(found, `byte ${at} is ${value}`).toEqual(outcome(announcedAtLength(wrong)))
      outcomes.add(JSON.stringify(found))
    }
  }
  expect(outcomes.size).toBeGreaterThan(1_000)
})

test('an entry that is not here whole is no entry', () => {
  const { data: _, ...log } = usualLog(new Seeded(3))
  const bytes = encodeLog({ ...log, data: new Uint8Array(200) })
  for (let end = 0; end < bytes.length; end++) {
    expect(outcome(bytes.subarray(0, end)), `${end} bytes`).toBe('the value ends early')
  }
})
