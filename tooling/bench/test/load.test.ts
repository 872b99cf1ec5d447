import { expect, test } from 'vitest'
import { openBatchStore } from '../src/ceiling/batch-store.ts'
import { Batches, FollowedBatches } from '../src/ceiling/batches.ts'
import { commandsIn, FrameReader, FrameWriter } from '../src/measure/frame.ts'
import { ticksIn } from '../src/measure/cpu.ts'
import { LastCommands } from '../src/measure/machine.ts'

function commandOf(client: number, size = 16): Uint8Array {
  const command = new Uint8Array(size)
  new DataView(command.buffer).setUint32(4, client)
  return command
}

test('a frame holds the commands, also those that are larger than the writer began with', () => {
  const writer = new FrameWriter()
  const commands = [commandOf(1), commandOf(2, 100_000), new Uint8Array(0)]
  for (const command of commands) writer.add(command)
  expect([...commandsIn(writer.take())].map((command) => command.length)).toEqual([16, 100_000, 0])
  writer.add(commandOf(7))
  expect([...commandsIn(writer.take())].map((command) => command[7])).toEqual([7])
})

test('frames are the same however a socket cuts them', () => {
  const writer = new FrameWriter()
  const frames = [1, 2, 3].map((client) => {
    writer.add(commandOf(client, 20 * client))
    return writer.take()
  })
  const all = Buffer.concat(frames)
  for (const step of [1, 3, 7, 64, all.length]) {
    const reader = new FrameReader()
    const read: Buffer[] = []
    for (let at = 0; at < all.length; at += step) read.push(...reader.add(all.subarray(at, at + step)))
    expect(read, `in pieces of ${step}`).toEqual(frames)
  }
})

test('the ceiling answers only what a majority has stored, in order', async () => {
  const sent: Buffer[][] = [[], []]
  const batches = new Batches({ add: () => undefined }, [
    (frame) => sent[0]!.push(frame),
    (frame) => sent[1]!.push(frame),
  ])
  const answered: number[] = []
  const waiting = [commandOf(1), commandOf(2)].map(async (command) =>
    answered.push((await batches.apply(command)).index),
  )
  await turn()
  expect(sent.map((frames) => frames.length)).toEqual([1, 1])
  expect(answered).toEqual([])
  const follower = new FollowedBatches({ add: () => undefined })
  batches.acknowledge(1, follower.take(sent[1]!))
  await Promise.all(waiting)
  expect(answered).toEqual([1, 2])
  // The slower follower's word for the same batch changes nothing, and the next one is counted right.
  batches.acknowledge(0, 1)
  const next = batches.apply(commandOf(3))
  await turn()
  batches.acknowledge(0, 2)
  expect(await next).toEqual({ index: 3, response: 3 })
})

test('of five, two followers are needed', async () => {
  const batches = new Batches(
    { add: () => undefined },
    Array.from({ length: 4 }, () => () => undefined),
  )
  let answered = false
  const applied = batches.apply(commandOf(1)).then(() => (answered = true))
  await turn()
  batches.acknowledge(0, 1)
  await turn()
  expect(answered).toBe(false)
  batches.acknowledge(3, 1)
  await applied
})

test('the machine keeps the last command of each client, and counts', () => {
  const machine = new LastCommands()
  expect([commandOf(1), commandOf(0xffff_ffff), commandOf(1)].map((command) => machine.apply(command))).toEqual([
    1, 2, 3,
  ])
  expect(machine.size).toBe(2)
})

test('a state that was restored goes on where it was taken, however its bytes are cut', async () => {
  const taken = new LastCommands()
  const commands = [commandOf(1), commandOf(70_000, 90_000), commandOf(1, 20)]
  for (const command of commands) taken.apply(command)
  const state = taken.state()
  // It is a point in time.
  taken.apply(commandOf(9))
  const bytes = Buffer.concat([...state])
  for (const step of [701, 50_000, bytes.length]) {
    const restored = new LastCommands()
    await restored.restore(pieces(bytes, step))
    expect(restored.size).toBe(2)
    expect(Buffer.concat([...restored.state()]).equals(bytes)).toBe(true)
    expect(restored.apply(commandOf(9))).toBe(4)
  }
  await expect(new LastCommands().restore(pieces(Buffer.alloc(0), 1))).rejects.toThrow('is empty')
})

test('the ceiling in memory keeps the latest batches and forgets the others', () => {
  const store = openBatchStore({ setting: 'memory', nodes: 3, folder: '' }, 'one')
  const frame = Buffer.alloc(1_048_576)
  for (let count = 0; count < 100; count++) store.add([frame])
  expect(store).toHaveLength((100 % 16) + 16)
})

test('processor time is read from the right fields, whatever the name of the process', () => {
  expect(ticksIn('123 (a) b 7) S 1 123 123 0 -1 4194304 500 0 0 0 17 5 0 0 20 0 1 0')).toBe(22)
})

async function* pieces(bytes: Buffer, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
