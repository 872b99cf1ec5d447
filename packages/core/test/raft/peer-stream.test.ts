import { beforeEach, describe, expect, test } from 'vitest'
import type { Replicate } from '../../src/consensus/effects.ts'
import type { Event } from '../../src/consensus/events.ts'
import type { LogRange } from '../../src/interfaces/log-store.ts'
import type { AppendPipeline, Transport } from '../../src/interfaces/transport.ts'
import { LogReader } from '../../src/raft/log-reader.ts'
import { LogTail } from '../../src/raft/log-tail.ts'
import { PeerStream } from '../../src/raft/peer-stream.ts'
import { PipelineReplicationNotSupportedError } from '../../src/types/errors.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import type { AppendEntriesRequest, AppendEntriesResponse } from '../../src/types/messages.ts'
import { contextOf } from './harness/context.ts'
import { ManualClock } from './harness/manual-clock.ts'
import { MemoryStore } from './harness/memory-store.ts'

interface Sent {
  readonly by: string
  readonly request: AppendEntriesRequest
  answer(response: Partial<AppendEntriesResponse>): void
  fail(error: Error): void
}

let clock: ManualClock
let store: MemoryStore
let tail: LogTail
let events: Event[]
let failures: Error[]
let sent: Sent[]
let pipelines: number
let openPipeline: (address: string) => AppendPipeline | Promise<AppendPipeline>
let stream: PeerStream

const header = { protocolVersion: 3, id: undefined, address: Uint8Array.of(1) }

beforeEach(() => {
  clock = new ManualClock()
  store = new MemoryStore()
  tail = new LogTail({ count: 100, bytes: 1e9 })
  events = []
  failures = []
  sent = []
  pipelines = 0
  openPipeline = (address) => {
    pipelines += 1
    const by = `pipeline ${pipelines} to ${address}`
    return {
      appendEntries: (request) => ({ started: 0, request, response: transmit(by, request) }),
      close: () => undefined,
    }
  }
  const transport = {
    appendEntriesPipeline: (peer) => openPipeline(peer.address),
    appendEntries: (peer, request) => transmit(`alone to ${peer.address}`, request),
  } satisfies Partial<Transport>
  const context = contextOf(clock, events, (error) => void failures.push(error))
  stream = new PeerStream({
    context,
    transport: transport as unknown as Transport,
    reader: new LogReader(tail, store),
    header: () => header,
    measured: () => undefined,
  })
})

function transmit(by: string, request: AppendEntriesRequest): Promise<AppendEntriesResponse> {
  return new Promise((resolve, reject) => {
    const good = { header, term: 1, lastLog: 0, success: true, noRetryBackoff: false }
    sent.push({ by, request, answer: (response) => resolve({ ...good, ...response }), fail: reject })
  })
}

function entries(from: number, through: number, bytes = 10): Log[] {
  const logs: Log[] = []
  for (let index = from; index <= through; index++) {
    logs.push({ index, term: 1, type: LogType.Command, data: new Uint8Array(bytes) })
  }
  return logs
}

function replicate(call: number, prevIndex: number, through: number, more: Partial<Replicate> = {}): void {
  stream.send({
    type: 'replicate',
    call,
    to: { id: 'b', address: 'b' },
    term: 1,
    prevIndex,
    prevTerm: prevIndex === 0 ? 0 : 1,
    through,
    terms: through > prevIndex ? [{ first: prevIndex + 1, term: 1 }] : [],
    leaderCommit: 0,
    pipelined: true,
    ...more,
  })
}

/** What was sent: how, from where, which entries. */
const said = (): string[] =>
  sent.map(({ by, request }) => {
    const indexes = (request.entries ?? []).map((log) => log.index)
    return `${by}: ${request.prevLogEntry}/${request.prevLogTerm} +${indexes.join(' ')}`
  })

const answers = (): string[] =>
  events.map((event) => {
    if (event.type === 'append-answered') return `${event.call} ${event.success}`
    return event.type === 'call-failed'
      ? `${event.call} ${event.error.message}${event.missing ? ' (missing)' : ''}`
      : '?'
  })

test('what memory holds leaves at once, in order, without waiting for answers', async () => {
  tail.append(entries(1, 5))
  replicate(1, 0, 3)
  replicate(2, 3, 5)
  replicate(3, 5, 5)
  expect(said()).toEqual(['pipeline 1 to b: 0/0 +1 2 3', 'pipeline 1 to b: 3/1 +4 5', 'pipeline 1 to b: 5/1 +'])
  expect(sent[2]!.request.entries).toEqual([])
  for (const { answer } of sent) answer({})
  await clock.settle()
  expect(answers()).toEqual(['1 true', '2 true', '3 true'])
  expect(stream.isIdle).toBe(true)
})

test('what only the store holds keeps its place in the order', async () => {
  await store.storeLogs(entries(1, 3))
  const getLogs = store.getLogs.bind(store)
  store.getLogs = ((range: LogRange) => Promise.resolve(getLogs(range))) as unknown as typeof store.getLogs
  tail.append(entries(4, 5))
  replicate(1, 1, 3)
  replicate(2, 3, 5)
  expect(said()).toEqual([])
  await clock.settle()
  expect(said()).toEqual(['pipeline 1 to b: 1/1 +2 3', 'pipeline 1 to b: 3/1 +4 5'])
})

describe('entries of more than one message', () => {
  beforeEach(() => tail.append(entries(1, 5, 600_000)))

  test('go in several, and are answered once, after the last', async () => {
    replicate(1, 0, 3)
    expect(said()).toEqual(['pipeline 1 to b: 0/0 +1', 'pipeline 1 to b: 1/1 +2', 'pipeline 1 to b: 2/1 +3'])
    sent[0]!.answer({})
    sent[1]!.answer({})
    await clock.settle()
    expect(answers()).toEqual([])
    sent[2]!.answer({})
    await clock.settle()
    expect(answers()).toEqual(['1 true'])
  })

  test('end with the first refusal', async () => {
    replicate(1, 0, 2)
    sent[0]!.answer({ success: false })
    sent[1]!.answer({ success: false })
    await clock.settle()
    expect(answers()).toEqual(['1 false'])
  })

  test('are sent one by one if nothing else may be under way', async () => {
    replicate(1, 0, 2, { pipelined: false })
    expect(said()).toEqual(['alone to b: 0/0 +1'])
    sent[0]!.answer({})
    await clock.settle()
    expect(said()).toEqual(['alone to b: 0/0 +1', 'alone to b: 1/1 +2'])
    sent[1]!.fail(new Error('cut'))
    await clock.settle()
    expect(answers()).toEqual(['1 cut'])
  })
})

test('entries that are missing, or are others, are not sent', () => {
  tail.append(entries(4, 5))
  replicate(1, 1, 3)
  replicate(2, 3, 5, {
    terms: [
      { first: 4, term: 1 },
      { first: 5, term: 2 },
    ],
  })
  replicate(3, 3, 5)
  expect(said()).toEqual(['pipeline 1 to b: 3/1 +4 5'])
  expect(answers()[0]).toMatch(/^1 entry 2 of the log is missing.* \(missing\)$/)
  expect(answers()[1]).toMatch(/^2 the log has index 5 and term 1 where index 5 and term 2 belong.* \(missing\)$/)
})

test('a store that fails stops the node', () => {
  store.readError = new Error('no disk')
  replicate(1, 1, 3)
  expect(failures.map((error) => error.message)).toEqual(['no disk'])
})

test('a full pipeline holds up what comes after', async () => {
  let take = (): void => undefined
  const room = new Promise<void>((resolve) => (take = resolve))
  openPipeline = () => ({
    appendEntries: async (request) => {
      await room
      return { started: 0, request, response: transmit('full', request) }
    },
    close: () => undefined,
  })
  tail.append(entries(1, 2))
  replicate(1, 0, 1)
  replicate(2, 1, 2)
  await clock.settle()
  expect(said()).toEqual([])
  take()
  await clock.settle()
  expect(said()).toEqual(['full: 0/0 +1', 'full: 1/1 +2'])
})

test('without pipelines messages go one by one', async () => {
  openPipeline = () => {
    throw new PipelineReplicationNotSupportedError()
  }
  tail.append(entries(1, 2))
  replicate(1, 0, 1)
  replicate(2, 1, 2)
  expect(said()).toEqual(['alone to b: 0/0 +1'])
  sent[0]!.answer({})
  await clock.settle()
  expect(said()).toEqual(['alone to b: 0/0 +1', 'alone to b: 1/1 +2'])
  sent[1]!.answer({})
  await clock.settle()
  expect(answers()).toEqual(['1 true', '2 true'])
})

test('a broken pipeline ends what is in it, and the next message opens another', async () => {
  tail.append(entries(1, 3))
  replicate(1, 0, 1)
  replicate(2, 1, 2)
  sent[0]!.fail(new Error('cut'))
  await clock.settle()
  replicate(3, 0, 1)
  sent[1]!.fail(new Error('cut'))
  await clock.settle()
  replicate(4, 1, 2)
  expect(answers()).toEqual(['1 cut', '2 cut'])
  expect(said().slice(2)).toEqual(['pipeline 2 to b: 0/0 +1', 'pipeline 2 to b: 1/1 +2'])
})

test('a pipeline that cannot be opened fails the call', async () => {
  openPipeline = () => Promise.reject(new Error('refused'))
  replicate(1, 0, 0)
  await clock.settle()
  expect(answers()).toEqual(['1 refused'])
})

test('a new address means a new pipeline', () => {
  tail.append(entries(1, 2))
  replicate(1, 0, 1)
  replicate(2, 1, 2, { to: { id: 'b', address: 'elsewhere' } })
  expect(said()).toEqual(['pipeline 1 to b: 0/0 +1', 'pipeline 2 to elsewhere: 1/1 +2'])
})

test('after a reset answers to what was under way are not heard', async () => {
  tail.append(entries(1, 2))
  replicate(1, 0, 1)
  stream.reset()
  expect(stream.isIdle).toBe(true)
  sent[0]!.answer({})
  await clock.settle()
  expect(answers()).toEqual([])
  replicate(2, 0, 1)
  expect(said()[1]).toBe('pipeline 2 to b: 0/0 +1')
})
