import { describe, expect, test } from 'vitest'
import { SenderNames } from '../../src/raft/sender-names.ts'
import type { Config } from '../../src/types/config.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import type { AppendEntriesRequest } from '../../src/types/messages.ts'
import { bytes, Cluster, type Member } from './harness/cluster.ts'

async function one(config: Partial<Config> = {}): Promise<{ cluster: Cluster; member: Member }> {
  const cluster = new Cluster()
  const member = cluster.add('a', config)
  await member.start(cluster)
  return { cluster, member }
}

const header = { protocolVersion: 3, id: bytes('b'), address: bytes('b:1') }

function append(entries: readonly Log[] | undefined, more: Partial<AppendEntriesRequest> = {}): AppendEntriesRequest {
  return {
    header,
    term: 5,
    leader: bytes('b:1'),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries,
    leaderCommitIndex: 0,
    ...more,
  }
}

describe('the protocol version of a request', () => {
  const cases = [
    { own: 1, accepted: [0, 1, 2, 3] },
    { own: 2, accepted: [1, 2, 3] },
    { own: 3, accepted: [2, 3] },
  ]
  for (const { own, accepted } of cases) {
    test(`a node at ${own} accepts ${accepted.join(', ')}, for heartbeats too (Q17)`, async () => {
      const { cluster, member } = await one({ protocolVersion: own })
      for (const protocolVersion of [-1, 0, 1, 2, 3, 4]) {
        const heartbeat = append(undefined, { header: { ...header, protocolVersion } })
        const { response, error } = await cluster.wait(member.transport.receive('appendEntries', heartbeat))
        if (accepted.includes(protocolVersion)) expect(response?.success).toBe(true)
        else {
          expect(response).toBeUndefined()
          expect(error?.message).toBe('operation not supported with current protocol version')
        }
      }
      await cluster.stop()
    })
  }
})

test('answers carry a header, but for two', async () => {
  const { cluster, member } = await one()
  const own = { protocolVersion: 3, id: bytes('a'), address: bytes('a') }
  const receive = member.transport.receive.bind(member.transport)
  const positions = { lastLogIndex: 0, lastLogTerm: 0 }
  const vote = { header, term: 6, ...positions, leadershipTransfer: false }
  expect((await cluster.wait(receive('requestVote', vote))).response).toEqual({
    header: own,
    term: 6,
    granted: true,
    peers: undefined,
  })
  const preVote = { header, term: 7, ...positions }
  expect((await cluster.wait(receive('requestPreVote', preVote))).response).toEqual({
    header: own,
    term: 7,
    granted: true,
  })
  expect((await cluster.wait(receive('appendEntries', append([])))).response?.header).toEqual(own)
  expect((await cluster.wait(receive('timeoutNow', { header }))).response).toEqual({
    header: { protocolVersion: 0, id: undefined, address: undefined },
  })
  await cluster.stop()
})

test('a vote at protocol version 1 carries the voters', async () => {
  const { cluster, member } = await one({ protocolVersion: 1 })
  await cluster.wait(member.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'a', address: 'a' }] }))
  const vote = { header, term: 0, lastLogIndex: 0, lastLogTerm: 0, leadershipTransfer: false }
  const { response } = await cluster.wait(member.transport.receive('requestVote', vote))
  expect(response).toMatchObject({ granted: false, peers: Uint8Array.of(0x91, 0xa1, 0x61) })
  await cluster.stop()
})

describe('entries that make no sense are refused, and nothing of them is kept', () => {
  const good = { index: 1, term: 5, type: LogType.Command, data: bytes('x') }
  const cases = [
    { why: 'an undecodable configuration', entry: { ...good, type: LogType.Configuration, data: bytes('\xff') } },
    { why: 'undecodable legacy peers', entry: { ...good, type: LogType.AddPeerDeprecated, data: bytes('\xff') } },
    { why: 'a configuration without data', entry: { ...good, type: LogType.Configuration, data: undefined } },
    { why: 'an unknown type', entry: { ...good, type: 6 as unknown as typeof LogType.Command } },
  ]
  for (const { why, entry } of cases) {
    test(why, async () => {
      const { cluster, member } = await one()
      const { response, error } = await cluster.wait(member.transport.receive('appendEntries', append([entry])))
      expect(response).toBeUndefined()
      expect(error?.message).toMatch(/^failed to decode peers: /)
      expect(member.raft.lastIndex).toBe(0)
      expect(member.raft.failure).toBeUndefined()
      await cluster.stop()
    })
  }
})

test('legacy membership is followed', async () => {
  const { cluster, member } = await one()
  const data = Uint8Array.of(0x92, 0xa1, 0x61, 0xa1, 0x62)
  const entry = { index: 1, term: 5, type: LogType.RemovePeerDeprecated, data }
  await cluster.wait(member.transport.receive('appendEntries', append([entry], { leaderCommitIndex: 1 })))
  expect(member.raft.getConfiguration()).toEqual({
    index: 1,
    configuration: {
      servers: [
        { suffrage: 'Voter', id: 'a', address: 'a' },
        { suffrage: 'Voter', id: 'b', address: 'b' },
      ],
    },
  })
  expect(member.raft.commitIndex).toBe(1)
  await cluster.stop()
})

test('an answer waits until what it promises is durable', async () => {
  const { cluster, member } = await one()
  let finish = (): void => undefined
  member.store.gate = () => new Promise<void>((resolve) => (finish = resolve))
  const entry = { index: 1, term: 5, type: LogType.Command, data: bytes('x') }
  let answered = false
  const answer = member.transport.receive('appendEntries', append([entry])).then(({ response }) => {
    answered = true
    return response
  })
  await cluster.clock.settle()
  expect(answered).toBe(false)
  finish()
  await cluster.clock.settle()
  expect(await answer).toMatchObject({ success: true, term: 5 })
  member.store.gate = undefined
  await cluster.stop()
})

test('who sent a request is decoded once', () => {
  let decoded = 0
  const names = new SenderNames((address) => {
    decoded += 1
    return new TextDecoder().decode(address)
  })
  const first = names.of(header)
  expect(first).toEqual({ protocolVersion: 3, id: 'b', address: 'b:1' })
  expect(names.of({ ...header, id: bytes('b') })).toBe(first)
  expect(decoded).toBe(1)
  expect(names.of({ protocolVersion: 3 }, bytes('old:1'))).toEqual({
    protocolVersion: 3,
    id: undefined,
    address: 'old:1',
  })
  expect(names.of({ protocolVersion: 3, id: bytes(''), address: bytes('') })).toEqual({
    protocolVersion: 3,
    id: undefined,
    address: '',
  })
  for (let other = 0; other < 40; other++) names.of({ ...header, id: bytes(`${other}`) })
  expect(names.of(header)).toEqual(first)
})
