import { CommandError, encodeCommand, type Command } from '@raft-tooling/demo/command'
import type { KeyValueResult } from '@raft-tooling/demo/key-value-state'
import { isRaftError, type Raft } from '@raft/core'
import type { Applied, ControlRequest, Failure, WireCommand } from '../control/protocol.ts'
import type { TSPeer } from './peer.ts'
import { base64 } from './report.ts'

/** Submits all commands in order, then waits for all. Each has its own answer or its own error. */
export function applyAll({ raft }: TSPeer, { commands = [], timeout = 10_000 }: ControlRequest): Promise<Applied[]> {
  return Promise.all(commands.map((command) => applyOne(raft, command, timeout)))
}

async function applyOne(
  raft: Raft<KeyValueResult | CommandError>,
  command: WireCommand,
  timeout: number,
): Promise<Applied> {
  try {
    const { index, response } = await raft.applyLog(logOf(command), { timeout })
    if (response instanceof CommandError) return { index, refused: response.message }
    const { entry } = response
    return { ...response, entry: entry === undefined ? null : { ...entry, value: base64(entry.value) } }
  } catch (error) {
    return { error: failureOf(raft, error) }
  }
}

function logOf({ data, extensions, ...command }: WireCommand): { data?: Uint8Array; extensions?: Uint8Array } {
  const bytes = command.op === undefined ? bytesOf(data) : encodeCommand(commandOf(command))
  const more = bytesOf(extensions)
  return { ...(bytes && { data: bytes }), ...(more && { extensions: more }) }
}

const bytesOf = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'))

function commandOf(command: WireCommand): Command {
  // The shape is the caller's business: `encodeCommand` takes only what an operation needs.
  return { ...command, value: bytesOf(command.value ?? '') } as Command
}

export function failureOf(raft: Raft<unknown>, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const leader = raft.leader?.id ?? ''
  if (!isRaftError(error)) return { code: 'ERR_RAFT_OTHER', message, outcome: 'unknown', leader }
  return { code: error.code, message, outcome: error.outcome ?? 'unknown', leader }
}

/** Puts `count` keys of `bytes` each, with at most `window` of them under way. */
export async function fill({ raft }: TSPeer, request: ControlRequest): Promise<{ milliseconds: number }> {
  const { count = 0, bytes = 0, prefix = '', window = 1, timeout = 10_000 } = request
  const begun = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const i = next++
      await raft.apply(encodeCommand({ op: 'put', key: `${prefix}${i}`, value: filler(i, bytes) }), { timeout })
    }
  }
  await Promise.all(Array.from({ length: window }, work))
  return { milliseconds: Math.round(performance.now() - begun) }
}

/** The bytes that `fill` puts under its i-th key: numbers that look random and are the same everywhere. */
export function filler(i: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size + 4)
  const view = new DataView(bytes.buffer)
  let state = (Math.imul(i, 2_654_435_761) + 1) >>> 0
  for (let at = 0; at < size; at += 4) {
    state = (state ^ (state << 13)) >>> 0
    state = (state ^ (state >>> 17)) >>> 0
    state = (state ^ (state << 5)) >>> 0
    view.setUint32(at, state, true)
  }
  return bytes.subarray(0, size)
}
