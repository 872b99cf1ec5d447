import { crc32 } from 'node:zlib'

/** All that is not the log, in one row, so that no part of it can be missing without being noticed. */
export interface StoreState {
  /** The number of this version of the state; every row that is written takes the next. */
  readonly serial: number
  /** The serial of the log's last row when this was written, 0 if there was none. */
  readonly logSerial: number
  /** The first index of the log, 0 when empty. Rows wholly before it are waiting to be removed. */
  readonly first: number
  /** The server that the store belongs to, if it was told. */
  readonly serverID: string | undefined
  /** The stable values. */
  readonly values: ReadonlyMap<string, Uint8Array>
}

interface StateBody {
  serial: number
  logSerial: number
  first: number
  serverID?: string
  values: Record<string, string>
}

/** The bytes of a state, and their checksum. */
export function encodeState(state: StoreState): { readonly body: Buffer; readonly crc: number } {
  const { serial, logSerial, first, serverID } = state
  // fromEntries, because assigning to `__proto__` would do something else.
  const values = Object.fromEntries(
    [...state.values].map(([key, { buffer, byteOffset, length }]) => [
      key,
      Buffer.from(buffer, byteOffset, length).toString('base64'),
    ]),
  )
  const content: StateBody = { serial, logSerial, first, ...(serverID === undefined ? {} : { serverID }), values }
  const body = Buffer.from(JSON.stringify(content))
  return { body, crc: crc32(body) }
}

/** The state that was encoded, or `undefined` if the checksum says that it was another. */
export function decodeState(body: unknown, crc: unknown): StoreState | undefined {
  if (!Buffer.isBuffer(body) || crc32(body) !== crc) return undefined
  // The checksum was right, so this is what `encodeState` wrote.
  const content = JSON.parse(body.toString()) as StateBody
  const values = new Map(
    Object.entries(content.values).map(([key, value]) => [key, Uint8Array.from(Buffer.from(value, 'base64'))]),
  )
  return { ...content, serverID: content.serverID, values }
}
