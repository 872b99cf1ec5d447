import { type Log } from '@raft/core'
import { recordBytes, writeRecord } from './records.ts'

/**
 * Where a row is cut. A reader takes and checks a row as a whole, so a long one makes small reads dear; a short one
 * makes large writes dear.
 */
export const ROW_BYTES = 131_072

/** Entries without a gap, packed: the bytes from `start` to `end` of a buffer. */
export interface PackedRow {
  readonly first: number
  readonly last: number
  readonly start: number
  readonly end: number
}

/** Rows, and the one buffer that they are in. */
export interface PackedLogs {
  readonly rows: readonly PackedRow[]
  readonly buffer: ArrayBuffer
}

/**
 * Packs entries into rows: a new one begins after a gap and when `ROW_BYTES` are reached. An entry larger than that has
 * a row of its own.
 *
 * @param allocate Gives a buffer of at least that many bytes.
 */
export function packLogs(logs: readonly Log[], allocate: (bytes: number) => ArrayBuffer): PackedLogs {
  let bytes = 0
  for (const log of logs) bytes += recordBytes(log)
  const buffer = allocate(bytes)
  const target = new Uint8Array(buffer)
  const view = new DataView(buffer)
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
  return { rows, buffer }
}
