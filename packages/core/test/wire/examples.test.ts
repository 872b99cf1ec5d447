import { expect, test } from 'vitest'
import type { RPCName, RPCRequests, RPCResponses } from '../../src/types/messages.ts'
import {
  decodeRequest,
  decodeResponse,
  encodeConfiguration,
  encodeRequest,
  encodeResponse,
} from '../../src/wire/index.ts'
import { fromHex, timeOf, toHex } from './golden.ts'

// The worked examples of spec §1.16: n1 at 127.0.0.1:7000 asks, n2 at 127.0.0.1:7001 answers, protocol 3.

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const n1 = { protocolVersion: 3, id: utf8('n1'), address: utf8('127.0.0.1:7000') }
const n2 = { protocolVersion: 3, id: utf8('n2'), address: utf8('127.0.0.1:7001') }
const nobody = { protocolVersion: 0, id: undefined, address: undefined }
const header1 = 'a441646472 ae3132372e302e302e313a37303030'
const header2 = 'a0 85 a441646472 ae3132372e302e302e313a37303031'

function request<K extends RPCName>(type: K, message: RPCRequests[K], hex: string, newTimeFormat = false): void {
  expect(toHex(encodeRequest(type, message, { newTimeFormat }))).toBe(toHex(fromHex(hex)))
  expect(decodeRequest(fromHex(hex))).toEqual({ type, request: message })
}

function response<K extends RPCName>(type: K, message: RPCResponses[K], hex: string): void {
  expect(toHex(encodeResponse(type, message))).toBe(toHex(fromHex(hex)))
  expect(decodeResponse(type, fromHex(hex))).toEqual({ error: '', response: message })
}

const append = {
  header: n1,
  term: 1,
  leader: n1.address,
  prevLogEntry: 1,
  prevLogTerm: 1,
  leaderCommitIndex: 1,
  entries: [
    {
      index: 2,
      term: 1,
      type: 0,
      data: utf8('hi'),
      extensions: undefined,
      appendedAt: { ...timeOf('2024-01-02T03:04:05.678Z')!, offset: undefined },
    },
  ],
} as const
const appendHex = (time: string): string => `00 89 ${header1} a7456e7472696573 91
  86 aa417070656e6465644174 ${time} a444617461 a26869 aa457874656e73696f6e73 c0 a5496e646578 02 a45465726d 01 a454797065 00
  a24944 a26e31 a64c6561646572 ae3132372e302e302e313a37303030 b14c6561646572436f6d6d6974496e646578 01
  ac507265764c6f67456e747279 01 ab507265764c6f675465726d 01 af50726f746f636f6c56657273696f6e 03 a45465726d 01`

test('AppendEntries with one command', () => {
  request('appendEntries', append, appendHex('af010000000edd25742528697580ffff'))
  request('appendEntries', append, appendHex('a8a1a5d60065937d25'), true)
})

test('heartbeat of 128 bytes', () => {
  const hex = `0089a441646472ae3132372e302e302e313a37303030a7456e7472696573c0a24944a26e31a64c6561646572ae3132372e302e302e313a37303030
    b14c6561646572436f6d6d6974496e64657800ac507265764c6f67456e74727900ab507265764c6f675465726d00af50726f746f636f6c56657273696f6e03a45465726d01`
  expect(fromHex(hex).length).toBe(128)
  const zeros = { prevLogEntry: 0, prevLogTerm: 0, leaderCommitIndex: 0, entries: undefined }
  request('appendEntries', { header: n1, term: 1, leader: n1.address, ...zeros }, hex)
})

test('AppendEntries response', () =>
  response(
    'appendEntries',
    { header: n2, term: 1, lastLog: 2, success: true, noRetryBackoff: false },
    `a0 87 a441646472ae3132372e302e302e313a37303031 a24944a26e32 a74c6173744c6f6702 ae4e6f52657472794261636b6f6666c2
     af50726f746f636f6c56657273696f6e03 a753756363657373c3 a45465726d01`,
  ))

test('RequestVote and its response', () => {
  request(
    'requestVote',
    { header: n1, term: 2, candidate: n1.address, lastLogIndex: 2, lastLogTerm: 1, leadershipTransfer: false },
    `01 88 ${header1} a943616e646964617465ae3132372e302e302e313a37303030 a24944a26e31
     ac4c6173744c6f67496e64657802 ab4c6173744c6f675465726d01 b24c6561646572736869705472616e73666572c2
     af50726f746f636f6c56657273696f6e03 a45465726d02`,
  )
  response(
    'requestVote',
    { header: n2, term: 2, granted: true, peers: undefined },
    `a0 86 a441646472ae3132372e302e302e313a37303031 a74772616e746564c3 a24944a26e32 a55065657273c0
     af50726f746f636f6c56657273696f6e03 a45465726d02`,
  )
})

test('RequestPreVote and its response', () => {
  request(
    'requestPreVote',
    { header: n1, term: 2, lastLogIndex: 2, lastLogTerm: 1 },
    `04 86 ${header1} a24944a26e31 ac4c6173744c6f67496e64657802 ab4c6173744c6f675465726d01
     af50726f746f636f6c56657273696f6e03 a45465726d02`,
  )
  response(
    'requestPreVote',
    { header: n2, term: 2, granted: true },
    `${header2} a74772616e746564c3 a24944a26e32 af50726f746f636f6c56657273696f6e03 a45465726d02`,
  )
})

test('InstallSnapshot and its response, whose header is zero', () => {
  const configuration = encodeConfiguration({
    servers: [
      { suffrage: 'Voter', id: 'n1', address: '127.0.0.1:7000' },
      { suffrage: 'Nonvoter', id: 'n2', address: '127.0.0.1:7001' },
    ],
  })
  request(
    'installSnapshot',
    {
      header: n1,
      snapshotVersion: 1,
      term: 1,
      leader: n1.address,
      lastLogIndex: 2,
      lastLogTerm: 1,
      peers: fromHex('91ae3132372e302e302e313a37303030'),
      configuration,
      configurationIndex: 1,
      size: 5,
    },
    `02 8c ${header1} ad436f6e66696775726174696f6e da005a ${toHex(configuration)}
     b2436f6e66696775726174696f6e496e64657801 a24944a26e31 ac4c6173744c6f67496e64657802 ab4c6173744c6f675465726d01
     a64c6561646572ae3132372e302e302e313a37303030 a55065657273 b0 91ae3132372e302e302e313a37303030
     af50726f746f636f6c56657273696f6e03 a453697a6505 af536e617073686f7456657273696f6e01 a45465726d01`,
  )
  response(
    'installSnapshot',
    { header: nobody, term: 1, success: true },
    'a0 85 a441646472c0 a24944c0 af50726f746f636f6c56657273696f6e00 a753756363657373c3 a45465726d01',
  )
})

test('TimeoutNow and its response', () => {
  request('timeoutNow', { header: n1 }, `03 83 ${header1} a24944a26e31 af50726f746f636f6c56657273696f6e03`)
  response('timeoutNow', { header: nobody }, 'a0 83 a441646472c0 a24944c0 af50726f746f636f6c56657273696f6e00')
})

test('a refused version is a text and nil (spec §1.7)', () => {
  const text = 'operation not supported with current protocol version'
  const hex = `da0035${toHex(utf8(text))}c0`
  expect(toHex(encodeResponse('requestVote', undefined, text))).toBe(hex)
  expect(decodeResponse('requestVote', fromHex(hex))).toEqual({ error: text, response: undefined })
})

test('an error may bring a body, and its text is taken as it is', () => {
  const answer = { header: nobody, term: 7, success: false }
  const bytes = encodeResponse('installSnapshot', answer, '100%d of it failed')
  expect(decodeResponse('installSnapshot', bytes)).toEqual({ error: '100%d of it failed', response: answer })
  expect(toHex(encodeResponse('installSnapshot', answer, 'unsupported snapshot version 7'))).toMatch(
    /^be756e.*85a441646472c0/,
  )
})
