import type { StreamConnection, StreamReceiver } from '@raft/core/wire'
import { describe, expect, test } from 'vitest'
import { encodeFrame, encodeHello, FrameType } from '../src/frame.ts'
import { Session } from '../src/session.ts'
import { streamWindow } from '../src/virtual-stream.ts'
import { socketPair } from './socket-pair.ts'

interface Side {
  readonly session: Session
  readonly streams: StreamConnection[]
  readonly errors: Error[]
}

function side(socket: ReturnType<typeof socketPair>[number], address: string, maxStreams = 10): Side {
  const streams: StreamConnection[] = []
  const errors: Error[] = []
  const session = new Session({
    socket,
    address,
    identity: () => undefined,
    maxStreams,
    onHello: () => undefined,
    onStream: (stream) => streams.push(stream),
    onGone: (_, error) => errors.push(error),
  })
  return { session, streams, errors }
}

/** Lets everything that is under way arrive. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

async function connected(maxStreams?: number): Promise<{ a: Side; b: Side; sockets: ReturnType<typeof socketPair> }> {
  const sockets = socketPair()
  const a = side(sockets[0], 'a', maxStreams)
  const b = side(sockets[1], 'b', maxStreams)
  await settle()
  return { a, b, sockets }
}

class Recorder implements StreamReceiver {
  readonly calls: string[] = []
  bytes = 0
  onChunk(chunk: Uint8Array): void {
    this.bytes += chunk.length
    this.calls.push(`chunk ${chunk.length}`)
  }
  onEnd(): void {
    this.calls.push('end')
  }
  onDrain(): void {
    this.calls.push('drain')
  }
  onClose(error?: Error): void {
    this.calls.push(error === undefined ? 'close' : `close ${error.message}`)
  }
}

describe('a session', () => {
  test('tells each side how the other is called', async () => {
    const { a, b } = await connected()
    expect([a.session.peerAddress, b.session.peerAddress]).toEqual(['b', 'a'])
  })

  test('carries streams that either side begins, whoever dialled, with the same numbers', async () => {
    const { a, b } = await connected()
    const fromA = a.session.begin()
    const fromB = b.session.begin()
    await settle()
    const atB = new Recorder()
    const atA = new Recorder()
    b.streams[0]!.open(atB)
    a.streams[0]!.open(atA)
    fromA.write(Uint8Array.of(1, 2, 3))
    fromB.write(Uint8Array.of(4))
    await settle()
    expect([atB.calls, atA.calls]).toEqual([['chunk 3'], ['chunk 1']])
  })

  test('keeps what arrived before the receiver was there', async () => {
    const { a, b } = await connected()
    const stream = a.session.begin()
    stream.write(Uint8Array.of(1, 2))
    stream.close()
    await settle()
    const received = new Recorder()
    b.streams[0]!.open(received)
    await settle()
    expect(received.calls).toEqual(['chunk 2', 'end'])
  })

  test('a receiver that pauses holds its own stream back, and no other', async () => {
    const { a, b } = await connected()
    const slow = a.session.begin()
    const quick = a.session.begin()
    const sender = new Recorder()
    slow.open(sender)
    await settle()
    const slowAtB = new Recorder()
    const quickAtB = new Recorder()
    b.streams[0]!.open(slowAtB)
    b.streams[1]!.open(quickAtB)
    b.streams[0]!.pause()
    expect(slow.write(new Uint8Array(3 * streamWindow))).toBe(false)
    quick.write(new Uint8Array(10))
    await settle()
    expect([slowAtB.bytes, quickAtB.bytes]).toEqual([0, 10])
    b.streams[0]!.resume()
    await settle()
    await settle()
    expect(slowAtB.bytes).toBe(3 * streamWindow)
    expect(sender.calls).toEqual(['drain'])
  })

  test('ends with both sides closed, and a reset ends it at once', async () => {
    const { a, b } = await connected()
    const [first, second] = [a.session.begin(), a.session.begin()]
    const atA = new Recorder()
    first.open(atA)
    await settle()
    const atB = new Recorder()
    const resetAtB = new Recorder()
    b.streams[0]!.open(atB)
    b.streams[1]!.open(resetAtB)
    first.close()
    second.destroy()
    await settle()
    b.streams[0]!.close()
    await settle()
    expect([atA.calls, atB.calls]).toEqual([
      ['end', 'close'],
      ['end', 'close'],
    ])
    expect(resetAtB.calls).toEqual(['close first ended the stream'])
  })

  test('takes all its streams with it when the socket is lost', async () => {
    const { a, b, sockets } = await connected()
    const stream = a.session.begin()
    const received = new Recorder()
    stream.open(received)
    await settle()
    sockets[1].destroy()
    await settle()
    expect(received.calls).toEqual(['close the WebSocket to second was closed'])
    expect([a.errors.length, b.errors.length]).toEqual([1, 1])
  })

  test('what arrived before a reset is delivered, though nobody had opened the stream yet', async () => {
    const { a, b } = await connected()
    const stream = a.session.begin()
    stream.write(new Uint8Array(7))
    stream.destroy()
    await settle()
    const received = new Recorder()
    b.streams[0]!.open(received)
    await settle()
    expect(received.calls).toEqual(['chunk 7', 'close first ended the stream'])
  })

  test('refuses more streams than it may have, and goes on', async () => {
    const { a, b } = await connected(1)
    const [first, second] = [new Recorder(), new Recorder()]
    a.session.begin().open(first)
    a.session.begin().open(second)
    await settle()
    expect([first.calls, second.calls]).toEqual([[], ['close second ended the stream']])
    expect([b.streams.length, b.errors.length]).toEqual([1, 0])
  })

  const hello = encodeFrame(FrameType.Hello, true, 0, encodeHello('x'))
  const hostile: readonly { readonly why: string; readonly frames: readonly Uint8Array[]; readonly error: string }[] = [
    {
      why: 'data before the hello',
      frames: [encodeFrame(FrameType.Data, true, 1)],
      error: 'the first frame is not a hello',
    },
    {
      why: 'a second hello',
      frames: [hello, encodeFrame(FrameType.Open, true, 1), encodeFrame(FrameType.Hello, true, 1)],
      error: 'a second hello',
    },
    {
      why: 'a stream begun for this side',
      frames: [hello, encodeFrame(FrameType.Open, false, 1)],
      error: 'a stream that the other end begins for this one',
    },
    {
      why: 'a stream begun twice',
      frames: [hello, encodeFrame(FrameType.Open, true, 1), encodeFrame(FrameType.Open, true, 1)],
      error: 'stream 1 is open already',
    },
    {
      why: 'an empty message',
      frames: [hello, new Uint8Array(0)],
      error: 'a frame of 0 bytes is shorter than its header',
    },
    {
      why: 'more than there is room for',
      frames: [
        hello,
        encodeFrame(FrameType.Open, true, 1),
        encodeFrame(FrameType.Data, true, 1, new Uint8Array(streamWindow + 1)),
      ],
      error: 'the other end sent more than there was room for',
    },
  ]
  for (const { why, frames, error } of hostile) {
    test(`ends upon ${why}, and says so`, async () => {
      const [socket, other] = socketPair()
      const { errors } = side(socket, 'a')
      for (const frame of frames) other.send(frame)
      await settle()
      expect(errors.map(({ message }) => message)).toEqual([error])
    })
  }
})
