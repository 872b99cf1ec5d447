import { expect, test } from 'vitest'
import { ConnectionError, RemoteError, SnapshotError, UnsupportedProtocolError } from '../../src/types/errors.ts'
import type { RPC } from '../../src/interfaces/transport.ts'
import { encodeRequest } from '../../src/wire/index.ts'
import { turns } from './fake-clock.ts'
import {
  answer,
  chunksOf,
  heartbeat,
  peerB,
  RawClient,
  responses,
  snapshotRequest,
  Taken,
  utf8,
  voteRequest,
  world,
} from './transport-fixture.ts'

type Install = RPC<'installSnapshot'>

async function bytesOf(reader: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

test('the bytes arrive whole, and the connection is used for nothing else', async () => {
  const { a, b, layerA } = world()
  const size = 300_000
  let read: Uint8Array | undefined
  b.setRPCHandler((rpc) => {
    if (rpc.type !== 'installSnapshot') return answer(rpc)
    void bytesOf(rpc.reader!).then((bytes) => {
      read = bytes
      rpc.respond(responses.installSnapshot)
    })
  })
  await a.requestVote(peerB, voteRequest)
  expect(await a.installSnapshot(peerB, snapshotRequest(size), chunksOf(size, 70_000))).toEqual(
    responses.installSnapshot,
  )
  expect(Buffer.compare(read!, await bytesOf(chunksOf(size, size)))).toBe(0)
  expect(layerA.dials).toBe(2)
  expect(layerA.dialled[1]!.isClosed).toBe(true)
})

test('a chunk that the reader fills anew is sent as it was', async () => {
  const { a, b } = world()
  let read: Uint8Array | undefined
  b.setRPCHandler((rpc) => {
    void bytesOf((rpc as Install).reader!).then((bytes) => {
      read = bytes
      ;(rpc as Install).respond(responses.installSnapshot)
    })
  })
  async function* reusing(): AsyncGenerator<Uint8Array> {
    const chunk = Buffer.alloc(3)
    for (const fill of [1, 2, 3]) yield chunk.fill(fill)
  }
  await a.installSnapshot(peerB, snapshotRequest(9), reusing())
  expect(read).toEqual(Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3))
})

test('an empty snapshot', async () => {
  const { a, b } = world()
  b.setRPCHandler(answer)
  expect(await a.installSnapshot(peerB, snapshotRequest(0), chunksOf(0, 1))).toEqual(responses.installSnapshot)
})

test('the sender waits for a slow reader, and holds little meanwhile', async () => {
  const { a, b, clock } = world({ receiveTimeout: 1_000 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const size = 20_000_000
  let produced = 0
  async function* data(): AsyncGenerator<Uint8Array> {
    for (; produced < size; produced += 100_000) yield new Uint8Array(100_000)
  }
  const sending = a.installSnapshot(peerB, snapshotRequest(size), data())
  await turns(200)
  expect(produced).toBeLessThan(3_000_000)
  const { reader, respond } = taken.rpcs[0] as Install
  // However long the reader takes, it is not the sender that is late.
  await clock.advance(9_000)
  expect((await bytesOf(reader!)).length).toBe(size)
  respond(responses.installSnapshot)
  await sending
})

test('heartbeats and votes pass a transfer that stands still', async () => {
  const { a, b } = world()
  b.setRPCHandler((rpc) => {
    if (rpc.type !== 'installSnapshot') answer(rpc)
  })
  const sending = a.installSnapshot(peerB, snapshotRequest(5_000_000), chunksOf(5_000_000, 100_000))
  await turns(50)
  await a.appendEntries(peerB, heartbeat)
  await a.requestVote(peerB, voteRequest)
  const failed = expect(sending).rejects.toMatchObject({ code: 'ERR_RAFT_TRANSPORT_SHUTDOWN' })
  await a.close()
  await failed
})

test('what the handler does not read is drained before it is answered, also when it refuses (Q16)', async () => {
  const { b, network, layerB } = world()
  b.setRPCHandler((rpc) => {
    if (rpc.type === 'installSnapshot') rpc.respond(undefined, new UnsupportedProtocolError())
    else answer(rpc)
  })
  const client = new RawClient(network, layerB)
  client.send(encodeRequest('installSnapshot', snapshotRequest(10)), Uint8Array.of(4, 4, 4, 4))
  await turns()
  expect(client.received.length).toBe(0)
  client.send(Uint8Array.of(4, 4, 4, 4, 4, 4), encodeRequest('requestVote', voteRequest))
  await turns()
  const text = 'operation not supported with current protocol version'
  expect(Buffer.from(client.received).toString('latin1')).toMatch(new RegExp(`^\\xda\\x00\\x35${text}\\xc0\\xa0\\x86`))
  expect(client.closed).toBe(false)
})

test('a reader that stops in the middle is no harm', async () => {
  const { a, b } = world()
  b.setRPCHandler((rpc) => {
    void (async () => {
      for await (const _ of (rpc as Install).reader!) break
      ;(rpc as Install).respond({ ...responses.installSnapshot, success: false })
    })()
  })
  const response = await a.installSnapshot(peerB, snapshotRequest(5_000_000), chunksOf(5_000_000, 50_000))
  expect(response.success).toBe(false)
})

test('an answer that comes early ends the sending', async () => {
  const { a, b, layerB } = world()
  b.setRPCHandler(() => {
    // As Go does it for a version that it refuses.
    const text = 'operation not supported with current protocol version'
    layerB.accepted[0]!.write(Uint8Array.of(0xda, 0, 0x35, ...utf8(text), 0xc0))
  })
  let closed = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield new Uint8Array(1_000)
        await turns(1)
      }
    } finally {
      closed = true
    }
  }
  await expect(a.installSnapshot(peerB, snapshotRequest(1e12), endless())).rejects.toThrow(RemoteError)
  await turns()
  expect(closed).toBe(true)
})

test('data that ends early is no snapshot', async () => {
  const { a, b } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const sending = a.installSnapshot(peerB, snapshotRequest(10), chunksOf(7, 6))
  await expect(sending).rejects.toThrow(SnapshotError)
  await expect(sending).rejects.toThrow('the snapshot for b at b:1 should have 10 bytes and has 7')
})

test('of data that does not end, no more is sent than the request names, and it is closed', async () => {
  const { a, b, layerA } = world()
  let closed = false
  async function* data(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(6)
    } finally {
      closed = true
    }
  }
  b.setRPCHandler(answer)
  await a.installSnapshot(peerB, snapshotRequest(10), data())
  const [request, ...chunks] = layerA.dialled[0]!.written
  expect(request!.length).toBe(encodeRequest('installSnapshot', snapshotRequest(10)).length)
  expect(chunks.map(({ length }) => length)).toEqual([6, 4])
  expect(closed).toBe(true)
})

test('data that cannot be read fails the transfer with its error', async () => {
  const { a, b } = world()
  b.setRPCHandler(answer)
  // oxlint-disable-next-line require-yield
  async function* broken(): AsyncGenerator<Uint8Array> {
    throw new Error('the disk is gone')
  }
  await expect(a.installSnapshot(peerB, snapshotRequest(10), broken())).rejects.toThrow('the disk is gone')
})

test('the receiver learns that bytes are missing: short read', async () => {
  const { b, network, layerB } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(encodeRequest('installSnapshot', snapshotRequest(10)), Uint8Array.of(1, 2, 3))
  await turns()
  const read = bytesOf((taken.rpcs[0] as Install).reader!)
  const failed = expect(read).rejects.toThrow('short read: 3 of 10 bytes of the snapshot arrived')
  client.stream.endWriting()
  await failed
  await expect(read).rejects.toThrow(ConnectionError)
  // The other side still listens, so it is told.
  ;(taken.rpcs[0] as Install).respond(undefined, new Error('short read'))
  await turns()
  expect(Buffer.from(client.received).toString('latin1')).toContain('short read')
  expect(client.ended).toBe(true)
})

test('a connection that breaks in the middle', async () => {
  const { a, b, layerA } = world()
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  let closed = false
  async function* data(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(100_000)
    } finally {
      closed = true
    }
  }
  const sending = expect(a.installSnapshot(peerB, snapshotRequest(1e9), data())).rejects.toThrow('network is down')
  await turns(50)
  const read = expect(bytesOf((taken.rpcs[0] as Install).reader!)).rejects.toThrow(
    /short read: \d+ of 1000000000 .*: network is down/,
  )
  layerA.dialled[0]!.cut()
  await sending
  await read
  await turns()
  expect(closed).toBe(true)
})

test('a sender that stops sending is cut off', async () => {
  const { b, network, layerB, clock, logs } = world({ receiveTimeout: 1_000 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  const client = new RawClient(network, layerB)
  client.send(encodeRequest('installSnapshot', snapshotRequest(10)))
  await turns()
  const read = expect(bytesOf((taken.rpcs[0] as Install).reader!)).rejects.toThrow('short read: 2 of 10')
  await clock.advance(900)
  client.send(Uint8Array.of(1))
  await clock.advance(900)
  client.send(Uint8Array.of(2))
  await clock.advance(999)
  expect(client.closed).toBe(false)
  await clock.advance(1)
  await read
  expect(client.closed).toBe(true)
  expect(logs.at(-1)?.message).toBe('a request did not arrive whole')
})

test('a snapshot that is too large is refused before any of it', async () => {
  const { a, b, logs } = world({ maxSnapshotBytes: 1_000 })
  const taken = new Taken()
  b.setRPCHandler(taken.handler)
  await expect(a.installSnapshot(peerB, snapshotRequest(1_001), chunksOf(1_001, 100))).rejects.toThrow(
    'ended the connection',
  )
  expect(taken.rpcs).toEqual([])
  expect(String((logs.at(-1)!.facts as { error: Error }).error.message)).toBe(
    'a snapshot of 1001 bytes, more than 1000',
  )
})

const deadlines: [number, number, number, string][] = [
  [10, 262_144, 1_000, 'a small one has the timeout'],
  [262_144, 262_144, 1_000, 'exactly one scale'],
  [524_287, 262_144, 1_000, 'less than two scales'],
  [524_288, 262_144, 2_000, 'two scales'],
  [1_000_000, 100_000, 10_000, 'another scale'],
  [10, 0, 10_000, 'a scale of 0 is taken for 1'],
]
for (const [size, scale, limit, why] of deadlines) {
  test(`${size} bytes may take ${limit} ms: ${why}`, async () => {
    const { a, b, clock } = world({ timeout: 1_000 })
    a.timeoutScale = scale
    b.setRPCHandler(() => undefined)
    let state = 'under way'
    const sending = a.installSnapshot(peerB, snapshotRequest(size), chunksOf(size, 262_144)).catch((error: unknown) => {
      state = String(error)
    })
    await clock.advance(limit - 1)
    expect(state).toBe('under way')
    await clock.advance(1)
    await sending
    expect(state).toContain(`did not answer installSnapshot within ${limit} ms`)
  })
}
