import { type FSMSnapshot, type Log, LogType, type SnapshotSource } from '@raft/core'
import { expect, test } from 'vitest'
import { type Command, CommandError, encodeCommand } from '../src/command.ts'
import { KeyValueMachine } from '../src/key-value-machine.ts'
import { type KeyValueResult } from '../src/key-value-state.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function log(index: number, command: Command | Uint8Array): Log {
  const data = command instanceof Uint8Array ? command : encodeCommand(command)
  return { index, term: 1, type: LogType.Command, data }
}

function apply(machine: KeyValueMachine, index: number, command: Command): KeyValueResult {
  const result = machine.apply(log(index, command))
  if (result instanceof CommandError) throw result
  return result
}

async function written(snapshot: FSMSnapshot): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const sink = { id: 's', write: (chunk: Uint8Array) => void chunks.push(chunk), close() {}, cancel() {} }
  await snapshot.persist(sink, { signal: new AbortController().signal })
  await snapshot.release()
  return Buffer.concat(chunks)
}

function source(whole: Uint8Array, piece = 7): SnapshotSource {
  async function* pieces() {
    for (let at = 0; at < whole.length; at += piece) yield whole.subarray(at, at + piece)
  }
  return { bytesRead: 0, size: whole.length, unwrap: pieces, [Symbol.asyncIterator]: () => pieces() }
}

test('the bytes of a command are those of FORMAT.md', () => {
  const command: Command = { op: 'put', key: 'city', value: bytes('Rome'), expect: 0 }
  expect(Buffer.from(encodeCommand(command)).toString('hex')).toBe(
    '84a26f70a3707574a36b6579a463697479a576616c7565c404526f6d65a665787065637400',
  )
})

test('a key knows where and how often it was set', () => {
  const machine = new KeyValueMachine()
  expect(apply(machine, 5, { op: 'put', key: 'a', value: bytes('1') })).toMatchObject({ done: true, existed: false })
  expect(apply(machine, 9, { op: 'put', key: 'a', value: bytes('2') }).entry).toMatchObject({ index: 9, version: 2 })
  expect(apply(machine, 10, { op: 'get', key: 'a' }).entry?.value).toEqual(bytes('2'))
  expect(apply(machine, 11, { op: 'delete', key: 'a' })).toMatchObject({ existed: true, entry: undefined })
  expect(apply(machine, 12, { op: 'put', key: 'a', value: bytes('3') }).entry).toMatchObject({ index: 12, version: 1 })
})

const conditions = [
  { held: 0, expect: 0, done: true, why: 'a new key may be created' },
  { held: 4, expect: 0, done: false, why: 'an old key is not created again' },
  { held: 4, expect: 4, done: true, why: 'a key that nobody else set may be set' },
  { held: 4, expect: 3, done: false, why: 'a key that somebody else set is left alone' },
  { held: 0, expect: 3, done: false, why: 'a key that is gone is not set' },
]
for (const { held, expect: expected, done, why } of conditions) {
  test(`expect ${expected} of a key set at ${held}: ${why}`, () => {
    for (const op of ['put', 'delete'] as const) {
      const machine = new KeyValueMachine()
      if (held > 0) apply(machine, held, { op: 'put', key: 'k', value: bytes('old') })
      expect(apply(machine, 7, { op, key: 'k', value: bytes('new'), expect: expected }).done).toBe(done)
      const value = machine.state.entries.get('k')?.value
      const changed = op === 'put' ? bytes('new') : undefined
      expect(value).toEqual(done ? changed : held > 0 ? bytes('old') : undefined)
    }
  })
}

const nonsense = [
  { data: new Uint8Array(0), why: 'not a MessagePack value' },
  { data: Uint8Array.of(0xc1), why: 'not a MessagePack value' },
  { data: Uint8Array.of(0x93, 1, 2, 3), why: 'not a map' },
  { data: Uint8Array.of(0x80), why: 'unknown op undefined' },
  { data: Buffer.from('83a26f70a3707574a36b6579a16ba576616c7565a176', 'hex'), why: 'value is not bytes' },
  { data: Buffer.from('82a26f70a3676574a36b657901', 'hex'), why: 'key is not a string' },
]
for (const { data, why } of nonsense) {
  test(`a command that is nonsense is answered and counted: ${why}`, () => {
    const machine = new KeyValueMachine()
    const answer = machine.apply(log(1, data))
    expect(answer).toBeInstanceOf(CommandError)
    expect((answer as CommandError).message).toBe(why)
    expect(machine.state.applied).toBe(1)
  })
}

test('the digest depends on bytes, place and order', () => {
  const digestOf = (...logs: Log[]) => {
    const machine = new KeyValueMachine()
    for (const each of logs) machine.apply(each)
    return Buffer.from(machine.state.digest).toString('hex')
  }
  const a: Command = { op: 'put', key: 'a', value: bytes('1') }
  const b: Command = { op: 'put', key: 'b', value: bytes('1') }
  expect(digestOf(log(1, a), log(2, b))).toBe(digestOf(log(1, a), log(2, b)))
  expect(
    new Set([digestOf(log(1, a), log(2, b)), digestOf(log(1, b), log(2, a)), digestOf(log(1, a), log(3, b))]).size,
  ).toBe(3)
})

test('a snapshot is a point in time, and restores to the same state and the same bytes', async () => {
  const machine = new KeyValueMachine()
  apply(machine, 1, { op: 'member', id: 'n2', http: '127.0.0.1:2' })
  apply(machine, 2, { op: 'member', id: 'n1', http: '127.0.0.1:1' })
  for (let index = 3; index < 3_000; index++) {
    apply(machine, index, { op: 'put', key: `k${index % 1_000}`, value: bytes(`v${index}`) })
  }
  const held = machine.snapshot()
  apply(machine, 3_000, { op: 'delete', key: 'k7' })
  const first = await written(held)
  const copy = new KeyValueMachine()
  await copy.restore(source(first, 1_000))
  expect(copy.restored).toEqual({ times: 1, entries: 1_000, applied: 2_999 })
  expect(copy.state.entries.get('k7')).toMatchObject({ index: 2_007, version: 3 })
  expect([...copy.state.members.keys()]).toEqual(['n1', 'n2'])
  expect(await written(copy.snapshot())).toEqual(first)
  apply(copy, 3_000, { op: 'delete', key: 'k7' })
  expect(copy.state.digest).toEqual(machine.state.digest)
})

test('a snapshot that is damaged is refused and leaves the state alone', async () => {
  const machine = new KeyValueMachine()
  apply(machine, 1, { op: 'put', key: 'a', value: bytes('1') })
  const whole = await written(machine.snapshot())
  const other = new KeyValueMachine()
  for (let length = 0; length < whole.length; length++) {
    await expect(other.restore(source(whole.subarray(0, length)))).rejects.toThrow()
  }
  await expect(other.restore(source(Buffer.concat([whole, whole])))).rejects.toThrow('more values')
  expect(other.state.applied).toBe(0)
})

test('a snapshot stops when it is told to', async () => {
  const machine = new KeyValueMachine()
  const sink = { id: 's', write() {}, close() {}, cancel() {} }
  const taken = machine.snapshot()
  await expect(taken.persist(sink, { signal: AbortSignal.abort() })).rejects.toThrow()
})
