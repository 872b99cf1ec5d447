import { beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/consensus/events.ts'
import type { AppendPipeline, Transport } from '../../src/interfaces/transport.ts'
import { strangerIn } from '../../src/raft/answered-by.ts'
import { LogReader } from '../../src/raft/log-reader.ts'
import { LogTail } from '../../src/raft/log-tail.ts'
import { Peers } from '../../src/raft/peers.ts'
import type { RPCHeader } from '../../src/types/messages.ts'
import { bytes } from './harness/cluster.ts'
import { contextOf } from './harness/context.ts'
import { ManualClock } from './harness/manual-clock.ts'
import { MemorySnapshots } from './harness/memory-snapshots.ts'
import { MemoryStore } from './harness/memory-store.ts'

const to = { id: 'n2', address: '10.0.0.2:8300' }
const named = (id: string, protocolVersion = 3): RPCHeader => ({ protocolVersion, id: bytes(id), address: undefined })

describe('who answered', () => {
  const cases: { what: string; header: RPCHeader | undefined; asked?: typeof to; isStranger: boolean }[] = [
    { what: 'the server that was asked', header: named('n2'), isStranger: false },
    { what: 'another one', header: named('n4'), isStranger: true },
    { what: 'another one whose ID begins alike', header: named('n22'), isStranger: true },
    { what: 'an answer without a header', header: undefined, isStranger: false },
    { what: 'a header without an ID', header: { protocolVersion: 0 }, isStranger: false },
    { what: 'a header with an empty ID', header: named(''), isStranger: false },
    { what: 'a version in which the address is the ID', header: named('10.0.0.2:8300', 2), isStranger: false },
    {
      what: 'a server that has an ID by now, asked by its address',
      header: named('n2'),
      asked: { id: to.address, address: to.address },
      isStranger: false,
    },
    { what: 'an ID beyond ASCII', header: named('müller'), asked: { ...to, id: 'müller' }, isStranger: false },
    { what: 'another ID beyond ASCII', header: named('möller'), asked: { ...to, id: 'müller' }, isStranger: true },
  ]
  for (const { what, header, asked = to, isStranger } of cases) {
    test(what, () => expect(strangerIn(header, asked) !== undefined).toBe(isStranger))
  }
})

describe('what another server answers at the address counts as a failed call', () => {
  let clock: ManualClock
  let events: Event[]
  let peers: Peers
  let answerer: RPCHeader
  let installed: string[]

  beforeEach(async () => {
    clock = new ManualClock()
    events = []
    answerer = named('n4')
    installed = []
    const snapshots = new MemorySnapshots()
    const sink = snapshots.create({
      version: 1,
      index: 4,
      term: 1,
      configuration: { servers: [] },
      configurationIndex: 1,
    })
    await sink.close()
    const context = contextOf(clock, events, (error) => {
      throw error
    })
    peers = new Peers({
      context,
      transport: answering(() => answerer, installed),
      snapshots,
      reader: new LogReader(new LogTail({ count: 100, bytes: 1e9 }), new MemoryStore()),
      header: () => named('n1'),
      latestConfiguration: () => ({ servers: [] }),
      isOfLog: () => true,
      legacyMetrics: false,
    })
  })

  const call = 7
  const last = { term: 3, lastIndex: 0, lastTerm: 0 }
  const append = { type: 'replicate', call, to, term: 3, prevIndex: 0, prevTerm: 0, through: 0, terms: [] } as const
  const requests: { what: string; good: Event['type']; ask: () => void }[] = [
    {
      what: 'entries in a pipeline',
      good: 'append-answered',
      ask: () => peers.replicate({ ...append, leaderCommit: 0, pipelined: true }),
    },
    {
      what: 'entries on their own',
      good: 'append-answered',
      ask: () => peers.replicate({ ...append, leaderCommit: 0, pipelined: false }),
    },
    {
      what: 'a heartbeat',
      good: 'append-answered',
      ask: () => peers.heartbeat({ type: 'heartbeat', call, to, term: 3 }),
    },
    {
      what: 'a snapshot',
      good: 'install-answered',
      ask: () => peers.sendSnapshot({ type: 'send-snapshot', call, to, term: 3 }),
    },
    {
      what: 'a vote',
      good: 'vote-answered',
      ask: () => peers.requestVote({ type: 'request-vote', call, to, ...last, transfer: false }),
    },
    {
      what: 'a pre-vote',
      good: 'pre-vote-answered',
      ask: () => peers.requestPreVote({ type: 'request-pre-vote', call, to, ...last }),
    },
    {
      what: 'the word to campaign',
      good: 'timeout-now-answered',
      ask: () => peers.timeoutNow({ type: 'timeout-now', call, to }),
    },
  ]
  for (const { what, good, ask } of requests) {
    test(what, async () => {
      ask()
      await clock.settle()
      const error = expect.objectContaining({
        code: 'ERR_RAFT_CONNECTION',
        message: 'n4 answers at 10.0.0.2:8300, and not n2',
      }) as Error
      expect(events).toEqual([{ type: 'call-failed', call, error }])
      answerer = named('n2')
      peers.heartbeat({ type: 'heartbeat', call: 8, to, term: 3 })
      await clock.settle()
      ask()
      await clock.settle()
      expect(events.slice(2)).toEqual([expect.objectContaining({ type: good, call })])
    })
  }

  test('and it is sent no snapshot, until the right one answers', async () => {
    const snapshot = { type: 'send-snapshot', call, to, term: 3 } as const
    peers.heartbeat({ type: 'heartbeat', call, to, term: 3 })
    await clock.settle()
    peers.sendSnapshot(snapshot)
    await clock.settle()
    expect(events.map(({ type }) => type)).toEqual(['call-failed', 'call-failed'])
    expect(installed).toEqual([])
    peers.sendSnapshot({ ...snapshot, to: { ...to, address: 'elsewhere' } })
    await clock.settle()
    expect(installed).toEqual(['elsewhere'])
    answerer = named('n2')
    peers.heartbeat({ type: 'heartbeat', call, to, term: 3 })
    await clock.settle()
    peers.sendSnapshot(snapshot)
    await clock.settle()
    expect(installed).toEqual(['elsewhere', to.address])
  })
})

/** A transport whose peers agree to everything, and are called so. It notes where snapshots go. */
function answering(header: () => RPCHeader, installed: string[]): Transport {
  const append = async (): Promise<unknown> => ({ header: header(), term: 3, lastLog: 0, success: true })
  const pipeline: Pick<AppendPipeline, 'close'> & { appendEntries: unknown } = {
    appendEntries: (request: unknown) => ({ started: 0, request, response: append() }),
    close: () => undefined,
  }
  return {
    appendEntriesPipeline: () => pipeline,
    appendEntries: append,
    installSnapshot: async ({ address }: typeof to) => {
      installed.push(address)
      return { header: header(), term: 3, success: true }
    },
    requestVote: async () => ({ header: header(), term: 3, granted: true }),
    requestPreVote: async () => ({ header: header(), term: 3, granted: true }),
    timeoutNow: async () => ({ header: header() }),
  } as unknown as Transport
}
