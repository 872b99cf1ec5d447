import { type PackedRow } from './packing.ts'

/** How the file is opened. */
export interface OpenRequest {
  readonly path: string
  readonly serverID: string | undefined
  readonly verify: boolean
}

/** What the worker is started with: how to open, and the memory of the `SharedSlot`. */
export interface WorkerStart extends OpenRequest {
  readonly memory: SharedArrayBuffer
}

/** What the worker is asked by message. It answers each request once, in order, and those of the slot among them. */
export type StoreRequest =
  | {
      readonly kind: 'write'
      readonly set: readonly (readonly [key: string, value: Uint8Array])[]
      readonly deleteFrom: number | undefined
      readonly rows: readonly PackedRow[]
      readonly buffer: ArrayBuffer
    }
  | { readonly kind: 'delete'; readonly min: number; readonly max: number }
  | { readonly kind: 'read'; readonly from: number; readonly through: number; readonly maxBytes: number }
  | { readonly kind: 'close' }

/** The bounds of the log; 0 and 0 when empty. */
export interface Bounds {
  readonly first: number
  readonly last: number
}

/** An error on its way from the worker; a class does not survive the way. */
export interface Failure {
  readonly kind: 'store' | 'corrupt'
  readonly message: string
  /** The code and the text of what SQLite or the system reported. */
  readonly cause: { readonly code: string; readonly message: string } | undefined
}

/** What the worker answers when the slot's write is done; the bounds are in the slot. */
export const SLOT_WRITTEN = 0

/** What else the worker answers. The first answer is to its start. */
export type StoreReply =
  | {
      readonly kind: 'opened'
      readonly bounds: Bounds
      readonly serverID: string | undefined
      readonly values: ReadonlyMap<string, Uint8Array>
    }
  | { readonly kind: 'written'; readonly bounds: Bounds }
  | {
      readonly kind: 'read'
      /** Without rows if the first entry is missing. */
      readonly rows: readonly PackedRow[]
      readonly buffer: ArrayBuffer
    }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
