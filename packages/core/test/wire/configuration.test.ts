import { expect, test } from 'vitest'
import { type Configuration, NO_SERVERS } from '../../src/types/configuration.ts'
import { DecodeError } from '../../src/types/errors.ts'
import { decodeConfiguration, encodeConfiguration } from '../../src/wire/codec/configuration.ts'
import { decodePeers, encodePeers } from '../../src/wire/index.ts'
import { fromHex, toHex } from './golden.ts'

const two: Configuration = {
  servers: [
    { suffrage: 'Voter', id: 'n1', address: '127.0.0.1:7000' },
    { suffrage: 'Nonvoter', id: 'n2', address: '127.0.0.1:7001' },
  ],
}
// Spec §2.2.
const twoHex = `81 a753657276657273 92
  83 a741646472657373 ae3132372e302e302e313a37303030 a24944 a26e31 a85375666672616765 00
  83 a741646472657373 ae3132372e302e302e313a37303031 a24944 a26e32 a85375666672616765 01`

test('a voter and a non-voter are 90 bytes', () => {
  const bytes = encodeConfiguration(two)
  expect(bytes.length).toBe(90)
  expect(toHex(bytes)).toBe(toHex(fromHex(twoHex)))
  expect(decodeConfiguration(bytes)).toEqual(two)
})

test('no servers and an empty list of servers differ', () => {
  expect(toHex(encodeConfiguration({ servers: NO_SERVERS }))).toBe('81a753657276657273c0')
  expect(toHex(encodeConfiguration({ servers: [] }))).toBe('81a75365727665727390')
  expect(decodeConfiguration(fromHex('81a753657276657273c0')).servers).toBe(NO_SERVERS)
  const empty = decodeConfiguration(fromHex('81a75365727665727390')).servers
  expect(empty).toEqual([])
  expect(empty).not.toBe(NO_SERVERS)
})

test('missing and nil are no servers, an array is the fields in their order, what follows is ignored', () => {
  for (const hex of ['80', 'c0', '81a1780a']) expect(decodeConfiguration(fromHex(hex)).servers).toBe(NO_SERVERS)
  expect(decodeConfiguration(fromHex('91 91 93 02 a178 a179 ffff'))).toEqual({
    servers: [{ suffrage: 'Staging', id: 'x', address: 'y' }],
  })
})

test('many servers keep their order', () => {
  const servers = Array.from({ length: 20 }, (_, i) => ({
    suffrage: 'Voter' as const,
    id: `n${99 - i}`,
    address: `h${i}:1`,
  }))
  expect(decodeConfiguration(encodeConfiguration({ servers }))).toEqual({ servers })
})

test('IDs are any text, a byte order mark included', () => {
  const servers = [{ suffrage: 'Voter' as const, id: '\uFEFFnode-ü 🙂', address: '' }]
  expect(decodeConfiguration(encodeConfiguration({ servers }))).toEqual({ servers })
})

const refused: [string, string, RegExp][] = [
  ['81a753657276657273 91 83 a85375666672616765 03', 'a suffrage beyond 2', /Server\.Suffrage: expected a suffrage/],
  ['81a753657276657273 91 81 a24944 a1ff', 'an ID that is not UTF-8', /Server\.ID: .* not UTF-8/],
  ['81a753657276657273 91 81 a24944 05', 'an integer for an ID', /Server\.ID: expected bytes, found an integer/],
  ['81a753657276657273 ddffffffff', 'more servers than anybody has', /at most 65536 servers/],
  ['81a753657276657273', 'one that ends early', /ends early/],
  ['a0', 'a string', /Configuration: expected a map, found a string/],
  ['', 'nothing', /ends early/],
]
for (const [hex, why, message] of refused) {
  test(`no configuration: ${why}`, () => {
    expect(() => decodeConfiguration(fromHex(hex))).toThrow(DecodeError)
    expect(() => decodeConfiguration(fromHex(hex))).toThrow(message)
  })
}

const plain = {
  encodePeer: ({ address }: { address: string }) => new TextEncoder().encode(address),
  decodePeer: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}

test('legacy peers are the addresses of the voters (spec §2.3)', () => {
  const voters = two.servers.map((server) => ({ ...server, suffrage: 'Voter' as const }))
  const bytes = encodePeers({ servers: voters }, plain)
  expect(toHex(bytes)).toBe('92ae3132372e302e302e313a37303030ae3132372e302e302e313a37303031')
  expect(decodePeers(bytes, plain).servers).toEqual(
    voters.map(({ address }) => ({ suffrage: 'Voter', id: address, address })),
  )
  expect(toHex(encodePeers(two, plain))).toBe('91ae3132372e302e302e313a37303030')
})

test('no voters are nil', () => {
  expect(toHex(encodePeers({ servers: [{ ...two.servers[1]!, suffrage: 'Staging' }] }, plain))).toBe('c0')
  expect(decodePeers(fromHex('c0'), plain)).toEqual({ servers: [] })
  expect(() => decodePeers(fromHex('81'), plain)).toThrow(DecodeError)
})
