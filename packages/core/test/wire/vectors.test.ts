import { expect, test } from 'vitest'
import { NO_SERVERS } from '../../src/types/configuration.ts'
import {
  decodeConfiguration,
  decodeRequest,
  decodeResponse,
  encodeConfiguration,
  encodeRequest,
  encodeResponse,
} from '../../src/wire/index.ts'
import { configurationOf, fromHex, type GoldenLine, goldenLines, messageOf, rpcOf, toHex } from './golden.ts'

const lines = goldenLines<GoldenLine>('rpc.jsonl')
const kinds = [...new Set(lines.map((line) => line.kind))]

test('there are 154 lines of 11 kinds', () => expect([lines.length, kinds.length]).toEqual([154, 11]))

for (const kind of kinds) {
  const ofKind = lines.filter((line) => line.kind === kind)
  test(`${kind}: ${ofKind.length} messages of the original, both ways`, () => {
    for (const line of ofKind) {
      if (kind === 'Configuration') bothWaysConfiguration(line)
      else if (kind.endsWith('Request')) bothWaysRequest(line)
      else bothWaysResponse(line)
    }
  })
}

function bothWaysRequest({ kind, hex, rpcType, newTimeFormat, value }: GoldenLine): void {
  const type = rpcOf[kind.slice(0, -'Request'.length)]!
  const frame = Buffer.from([rpcType!]).toString('hex') + hex
  const decoded = decodeRequest(fromHex(frame))
  expect(decoded).toEqual({ type, request: messageOf(value) })
  expect(toHex(encodeRequest(type, messageOf(value) as never, { newTimeFormat }))).toBe(frame)
  expect(toHex(encodeRequest(type, decoded.request as never, { newTimeFormat }))).toBe(frame)
}

function bothWaysResponse({ kind, hex, value }: GoldenLine): void {
  const type = rpcOf[kind.slice(0, -'Response'.length)]!
  expect(decodeResponse(type, fromHex(`a0${hex}`))).toEqual({ error: '', response: messageOf(value) })
  expect(toHex(encodeResponse(type, messageOf(value) as never))).toBe(`a0${hex}`)
}

function bothWaysConfiguration({ hex, value }: GoldenLine): void {
  const decoded = decodeConfiguration(fromHex(hex))
  expect(decoded).toEqual(configurationOf(value))
  expect(decoded.servers === NO_SERVERS).toBe(value['Servers'] === null)
  expect(toHex(encodeConfiguration(configurationOf(value)))).toBe(hex)
}
