import { expect, test } from 'vitest'
import { Outbox } from '../../src/wire/outbox.ts'
import type { StreamConnection } from '../../src/wire/stream-layer.ts'

/** A connection that notes what is written to it. */
function connection(written: Uint8Array[]): StreamConnection {
  const nothing = (): void => undefined
  const write = (bytes: Uint8Array): boolean => written.push(bytes) > 0
  return { remoteAddress: '', open: nothing, write, pause: nothing, resume: nothing, close: nothing, destroy: nothing }
}

test('what is said together makes one write, which does not wait for the end of the turn', async () => {
  const written: Uint8Array[] = []
  const outbox = new Outbox(connection(written))
  let atEndOfTurn: number | undefined
  setImmediate(() => (atEndOfTurn = written.length))
  for (const byte of [1, 2, 3]) {
    outbox.writer.byte(byte)
    outbox.schedule()
  }
  expect(written).toEqual([])
  await Promise.resolve()
  expect(written).toEqual([Uint8Array.of(1, 2, 3)])
  await new Promise((resolve) => setImmediate(resolve))
  expect(atEndOfTurn).toBe(1)
})

test('what is much leaves at once, and nothing is left to leave', async () => {
  const written: Uint8Array[] = []
  const outbox = new Outbox(connection(written))
  outbox.writer.byte(1)
  outbox.schedule()
  outbox.writer.raw(new Uint8Array(65_536))
  outbox.schedule()
  expect(written).toHaveLength(1)
  await Promise.resolve()
  expect(written).toHaveLength(1)
})

test.each([true, false, undefined])(
  'bytes are written over once the connection holds none of them: %s',
  (isFlushed) => {
    const written: Uint8Array[] = []
    const outbox = new Outbox({ ...connection(written), isFlushed })
    for (const byte of [1, 2]) {
      outbox.writer.byte(byte)
      outbox.flush()
    }
    expect(written[0]).toEqual(Uint8Array.of(isFlushed === true ? 2 : 1))
    expect(written[1]).toEqual(Uint8Array.of(2))
  },
)
