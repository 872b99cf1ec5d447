import { deepEqual, equal, throws } from 'node:assert/strict'
import { NO_SERVERS } from '@raft/core'
import { expect, test } from 'vitest'
import { quote } from '../src/go-json.ts'
import { decodeMeta, encodeMeta } from '../src/meta.ts'

const id = '2-10-1700000000000'

test.each([
  ['letters', 'ü😀 a', '"ü😀 a"'],
  ['what HTML would read', '<a>&', '"\\u003ca\\u003e\\u0026"'],
  ['what JavaScript would read', '\u2028\u2029', '"\\u2028\\u2029"'],
  ['quotes and backslashes', '"\\', '"\\"\\\\"'],
  ['control characters', '\n\r\t\u0001\u007f', '"\\n\\r\\t\\u0001\u007f"'],
  ['what looks like an escape', '\\ud800 \\u003c', '"\\\\ud800 \\\\u003c"'],
  ['half a character', 'a\ud800b\udc00\ud83d', '"a\\ufffdb\\ufffd\\ufffd"'],
])('quotes %s as Go does', (_what, text, expected) => {
  equal(quote(text), expected)
})

test('writes the keys in the order of Go, and what is nil as null', () => {
  const meta = {
    version: 1,
    id,
    index: 10,
    term: 2,
    configuration: { servers: NO_SERVERS },
    configurationIndex: 3,
    size: 0,
  }
  equal(
    encodeMeta({ meta, checksum: undefined }),
    `{"Version":1,"ID":"${id}","Index":10,"Term":2,"Peers":null,"Configuration":{"Servers":null},"ConfigurationIndex":3,"Size":0,"CRC":null}\n`,
  )
  const empty = { ...meta, peers: new Uint8Array(), configuration: { servers: [] } }
  expect(encodeMeta({ meta: empty, checksum: undefined })).toContain('"Peers":"","Configuration":{"Servers":[]}')
})

test('reads what it wrote, nil and empty apart', () => {
  const meta = {
    version: 1,
    id,
    index: 10,
    term: 2,
    peers: undefined,
    configuration: { servers: NO_SERVERS },
    configurationIndex: 3,
    size: 9,
  }
  const nil = decodeMeta(encodeMeta({ meta, checksum: undefined }), id)
  deepEqual(nil, { meta, checksum: undefined })
  equal(nil.meta.configuration.servers, NO_SERVERS)
  const full = { ...meta, peers: new Uint8Array(), configuration: { servers: [] } }
  const empty = decodeMeta(encodeMeta({ meta: full, checksum: Uint8Array.of(1, 2) }), id)
  deepEqual(empty, { meta: full, checksum: Uint8Array.of(1, 2) })
  expect(empty.meta.configuration.servers).not.toBe(NO_SERVERS)
})

test('reads leniently, as Go does', () => {
  const text = ` {"unknown":{"a":[1,"}"]},"iNDEX":10,"TERM":2, "version" : 1,"peers":"kA==","CRC":null,"size":null,
    "configuration":{"servers":[null,{"id":"a","suffrage":1,"more":true}]},"INDEX":10} trailing } "text`
  deepEqual(decodeMeta(text, id), {
    meta: {
      version: 1,
      id,
      index: 10,
      term: 2,
      peers: Uint8Array.of(0x90),
      configuration: {
        servers: [
          { suffrage: 'Voter', id: '', address: '' },
          { suffrage: 'Nonvoter', id: 'a', address: '' },
        ],
      },
      configurationIndex: 0,
      size: 0,
    },
    checksum: undefined,
  })
})

test('reads version 0, whose membership is the legacy peers', () => {
  const { meta } = decodeMeta('{"Index":10,"Term":2,"Peers":"kA==","Size":3,"CRC":"AAAAAAAAAAA="}', id)
  deepEqual([meta.version, meta.peers, meta.configuration.servers], [0, Uint8Array.of(0x90), []])
})

const valid = { Version: 1, ID: id, Index: 10, Term: 2, Size: 1 }

test.each([
  ['a newer version', { Version: 2 }, 'unsupported snapshot version 2'],
  ['an index beyond 2^53 - 1', { Index: 2 ** 53 }, 'meta.Index is not an integer from 0 to 2^53 - 1'],
  ['a negative size', { Size: -1 }, 'meta.Size is not an integer'],
  ['a fraction', { ConfigurationIndex: 1.5 }, 'meta.ConfigurationIndex is not an integer'],
  ['a text for a number', { Term: '2' }, 'meta.Term is not a number'],
  ['a list for bytes', { CRC: [1] }, 'meta.CRC is not a text'],
  ['what is not base64', { Peers: 'k*==' }, 'meta.Peers is not base64'],
  ['an unknown suffrage', { Configuration: { Servers: [{ Suffrage: 3 }] } }, 'Servers[0].Suffrage is unknown'],
  ['a list for an object', { Configuration: [] }, 'meta.Configuration is not an object'],
  ['an object for a list', { Configuration: { Servers: {} } }, 'meta.Configuration.Servers is not a list'],
  ['a configuration at version 0', { Version: 0, Configuration: { Servers: [{}] } }, 'not at version 0'],
  ['another index than its name has', { Index: 11 }, 'not those of its name'],
  ['another term than its name has', { Term: 3 }, 'not those of its name'],
])('refuses %s', (_what, changes, message) => {
  const text = JSON.stringify({ ...valid, ...changes })
  throws(
    () => decodeMeta(text, id),
    (error: Error) => error.message.includes(message),
  )
})

test.each(['', '{', 'null x', '[]', '"text"', '{"Index":18446744073709551615}'])('refuses %j', (text) => {
  throws(() => decodeMeta(text, id))
})
