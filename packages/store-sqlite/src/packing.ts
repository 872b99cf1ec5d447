import { type Log } from '@raft/core'
import { recordBytes, writeRecord } from './records.ts'

/**
 * Where a row is cut. A reader takes and checks a row as a whole, so a long one makes small reads dear; a short one
 * makes large writes dear.
 */
export const ROW_BYTES = 131_072

/** Entries without a gap, packed: the bytes from `start` to `end` of what they were packed into. */
export interface PackedRow {
  readonly first: number
  readonly last: number
  readonly start: number
  readonly end: number
}

/** The bytes that entries take when they are packed. Throws `RangeError` if one of them cannot be stored. */
export function packedBytes(logs: readonly Log[]): number {
  let bytes = 0
  for (const log of logs) bytes += recordBytes(log)
  return bytes
}

/**
 * Packs entries into rows: a new one begins after a gap and when `ROW_BYTES` are reached. An entry larger than that has
 * a row of its own.
 *
 * @param target Has room for `packedBytes`.
 */
export function packLogs(logs: readonly Log[], target: Uint8Array): PackedRow[] {
  const view = new DataView(target.buffer, target.byteOffset, target.length)
  const rows: PackedRow[] = []
  let first = logs[0]?.index ?? 0
  let last = first - 1
  let start = 0
  let end = 0
  for (const log of logs) {
    if (log.index !== last + 1 || end - start >= ROW_BYTES) {
      rows.push({ first, last, start, end })
      first = log.index
      start = end
    }
    last = log.index
    end = writeRecord(log, target, view, end)
  }
  if (end > start) rows.push({ first, last, start, end })
  return rows
}
