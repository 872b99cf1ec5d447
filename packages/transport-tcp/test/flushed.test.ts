import type { StreamLayer } from '@raft/core/wire'
import { expect, test } from 'vitest'
import { TCPStreamLayer, type TLSOptions, TLSStreamLayer } from '../src/index.ts'
import { Authority } from './certificates.ts'
import { closed } from './fixture.ts'

const authority = new Authority()
const tls = (): TLSOptions => ({ ...authority.issue({ name: 'n', hosts: ['127.0.0.1'] }), ca: authority.cert })
const bindAddress = '127.0.0.1:0'

const layers: [string, () => Promise<StreamLayer>][] = [
  ['TCP', () => TCPStreamLayer.listen({ bindAddress })],
  ['TLS', () => TLSStreamLayer.listen({ bindAddress, tls: tls() })],
]
const nothing = (): void => undefined

/** Counts, by the byte they are filled with, the pieces that arrive; `false` for a piece that is not of one byte. */
function tally(bytes: Uint8Array, piece: number): unknown[] {
  return Array.from({ length: bytes.length / piece }, (_, at) => {
    const part = bytes.subarray(at * piece, (at + 1) * piece)
    return part.every((byte) => byte === part[0]) && part[0]
  })
}

test.each(layers)(
  'what was written may be written over once it is flushed, however slow the reader: %s',
  async (_, make) => {
    const [near, far] = [closed(await make()), closed(await make())]
    const [writer, reader] = await Promise.all([near.dial(far.address, 2_000), far.accept()])
    const chunks: Uint8Array[] = []
    let received = 0
    let done = nothing
    const complete = new Promise<void>((resolve) => (done = resolve))
    const [size, count] = [262_144, 200]
    const onChunk = (chunk: Uint8Array): void => {
      chunks.push(chunk)
      received += chunk.length
      if (received === size * count) done()
    }
    reader.open({ onChunk, onEnd: nothing, onDrain: nothing, onClose: nothing })
    writer.open({ onChunk: nothing, onEnd: nothing, onDrain: nothing, onClose: nothing })
    reader.pause()
    let buffer = new Uint8Array(size)
    let reused = 0
    for (let at = 0; at < count; at++) {
      if (writer.isFlushed === true) reused += 1
      else buffer = new Uint8Array(size)
      writer.write(buffer.fill(at))
      if (at % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 1))
      // So that some leave at once, some after a while, and some wait for the reader.
      if (at === 100) reader.resume()
    }
    await complete
    expect(tally(new Uint8Array(Buffer.concat(chunks)), size)).toEqual(Array.from({ length: count }, (_, at) => at))
    expect(reused).toBeGreaterThan(0)
    expect(reused).toBeLessThan(count)
    writer.destroy()
    reader.destroy()
  },
)
