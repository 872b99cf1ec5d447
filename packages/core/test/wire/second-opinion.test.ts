import { decode, encode } from '@msgpack/msgpack'
import { expect, test } from 'vitest'
import { decodeConfiguration, decodeRequest, decodeResponse } from '../../src/wire/index.ts'
import { configurationOf, fromHex, type GoldenLine, goldenLines, messageOf, rpcOf, toHex } from './golden.ts'

// A decoder that is not ours reads the original's bytes, with strings as bytes; an encoder that is not ours writes the
// same values its own way, in str8 and bin8, which ours has to read.

const lines = goldenLines<GoldenLine>('rpc.jsonl')

/** Bytes as hex, since the golden values have them so. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, plain(content)]))
}

test('the golden bytes say to another decoder what they say to ours', () => {
  for (const { kind, hex, value } of lines) {
    const other = plain(decode(fromHex(hex), { rawStrings: true, useBigInt64: false })) as Record<string, unknown>
    if (kind === 'Configuration') {
      const servers = value['Servers'] as { ID: string; Address: string; Suffrage: number }[] | null
      const hexed = servers?.map(({ ID, Address, Suffrage }) => ({
        ID: toHex(Buffer.from(ID)),
        Address: toHex(Buffer.from(Address)),
        Suffrage,
      }))
      expect(other).toEqual({ Servers: hexed ?? null })
    } else {
      const withoutTimes = (of: Record<string, unknown>): unknown => ({
        ...of,
        Entries: (of['Entries'] as Record<string, unknown>[] | null | undefined)?.map((entry) => ({
          ...entry,
          AppendedAt: 0,
        })),
      })
      expect(withoutTimes(other)).toEqual(withoutTimes(value))
    }
  }
})

/** The golden value for an encoder that writes byte arrays as bin. Times stay bytes in a string, as they must. */
function forEncoder(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((it) => forEncoder(it))
  if (typeof value === 'string') return name === 'ID' || name === 'Address' ? value : fromHex(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, content]) => [key, key === 'AppendedAt' ? null : forEncoder(content, key)]),
  )
}

test('what another encoder writes, ours reads', () => {
  for (const { kind, rpcType, value } of lines) {
    if (kind === 'Configuration') {
      expect(decodeConfiguration(encode(value))).toEqual(configurationOf(value))
      continue
    }
    const header = { ID: value['ID'], Addr: value['Addr'] }
    const bytes = encode({
      ...(forEncoder(value) as object),
      ...(forEncoder(header, 'bytes') as object),
      ...bytesOf(header),
    })
    const expected = messageOf(value)
    const entries = expected['entries'] as object[] | undefined
    if (entries !== undefined) expected['entries'] = entries.map((entry) => ({ ...entry, appendedAt: undefined }))
    const type = rpcOf[kind.replace(/Request$|Response$/, '')]!
    if (rpcType === undefined) expect(decodeResponse(type, Uint8Array.of(0xa0, ...bytes)).response).toEqual(expected)
    else expect(decodeRequest(Uint8Array.of(rpcType, ...bytes))).toEqual({ type, request: expected })
  }
})

function bytesOf(header: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(header).map(([name, hex]) => [name, hex === null ? null : fromHex(hex as string)]),
  )
}
