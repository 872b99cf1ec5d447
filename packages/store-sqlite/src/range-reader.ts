import { type LogRange } from '@raft/core'
import { type LogRows } from './log-rows.ts'
import { recordStart, type RowSpan } from './log-table.ts'
import { type PackedRow } from './packing.ts'
import { measureRecord, type RecordExtent } from './records.ts'

/** Entries that were read: the rows' bytes one after the other. Without rows if the first entry is missing. */
export interface RangeRead {
  readonly rows: readonly PackedRow[]
  readonly buffer: ArrayBuffer
}

/** A part of a row. */
interface Piece {
  readonly first: number
  readonly last: number
  readonly bytes: Buffer
  /** Of data and extensions. */
  readonly payload: number
}

/** Reads entries from `from` until `through`, a gap or `maxBytes` of payload, but at least one. */
export function readRange(log: LogRows, { from, through, maxBytes }: LogRange): RangeRead {
  const pieces: Piece[] = []
  let place = log.place(from)
  let next = from
  let room = maxBytes
  while (next >= log.first && next <= through) {
    const span = log.at(place++)
    if (span === undefined || span.first > next) break
    const piece = readPiece(log, span, { from: next, through, maxBytes: room }, pieces.length === 0)
    if (piece === undefined) break
    pieces.push(piece)
    room -= piece.payload
    next = piece.last + 1
    if (piece.last < span.last) break
  }
  return join(pieces)
}

/** The entries of one row that fit, if one does; `forced` takes the first whatever its size. */
function readPiece(log: LogRows, span: RowSpan, range: LogRange, forced: boolean): Piece | undefined {
  const batch = log.read(span)
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const start = recordStart(batch, span.first, range.from)
  const until = Math.min(span.last, range.through)
  const extent: RecordExtent = { end: start, payload: 0 }
  let end = start
  let payload = 0
  let index = range.from
  for (; index <= until; index++) {
    measureRecord(view, end, extent)
    const isForced = forced && index === range.from
    if (payload + extent.payload > range.maxBytes && !isForced) break
    payload += extent.payload
    end = extent.end
  }
  if (index === range.from) return undefined
  return { first: range.from, last: index - 1, bytes: batch.subarray(start, end), payload }
}

/** Copies the pieces together, so that one buffer can be handed over and no row is kept alive by a few entries. */
function join(pieces: readonly Piece[]): RangeRead {
  let length = 0
  for (const piece of pieces) length += piece.bytes.length
  const buffer = new ArrayBuffer(length)
  const target = new Uint8Array(buffer)
  const rows: PackedRow[] = []
  let start = 0
  for (const { first, last, bytes } of pieces) {
    target.set(bytes, start)
    rows.push({ first, last, start, end: start + bytes.length })
    start += bytes.length
  }
  return { rows, buffer }
}
