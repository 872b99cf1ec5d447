import { readFileSync } from 'node:fs'
import { type Configuration, NO_SERVERS, serverSuffrages } from '../../src/types/configuration.ts'
import type { Log, Timestamp } from '../../src/types/log.ts'
import type { RPCName } from '../../src/types/messages.ts'

/** One line of rpc.jsonl. */
export interface GoldenLine {
  readonly kind: string
  readonly hex: string
  readonly rpcType?: number
  readonly newTimeFormat?: boolean
  readonly value: GoldenValue
}

/** Field names as in Go; bytes as hex or null. */
export type GoldenValue = Readonly<Record<string, unknown>>

/** One line of a recorded conversation. */
export interface ConversationLine {
  readonly conn: number
  readonly dir: 'request' | 'response'
  readonly hex: string
}

/** The lines of a file of test/fixtures/vectors. */
export function goldenLines<T>(name: string): T[] {
  const text = readFileSync(new URL(`../fixtures/vectors/${name}`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

/** Bytes from hex; blanks are passed over. */
export function fromHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(/\s/g, '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

/** Hex from bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

const bytesOf = (value: unknown): Uint8Array | undefined =>
  value === null || value === undefined ? undefined : fromHex(value as string)

/** Which request a kind of golden line belongs to. */
export const rpcOf: Readonly<Record<string, RPCName>> = {
  AppendEntries: 'appendEntries',
  RequestVote: 'requestVote',
  InstallSnapshot: 'installSnapshot',
  TimeoutNow: 'timeoutNow',
  RequestPreVote: 'requestPreVote',
}

const names: Readonly<Record<string, string>> = {
  LeaderCommitIndex: 'leaderCommitIndex',
  PrevLogEntry: 'prevLogEntry',
  PrevLogTerm: 'prevLogTerm',
  Term: 'term',
  LastLog: 'lastLog',
  NoRetryBackoff: 'noRetryBackoff',
  Success: 'success',
  Granted: 'granted',
  LastLogIndex: 'lastLogIndex',
  LastLogTerm: 'lastLogTerm',
  LeadershipTransfer: 'leadershipTransfer',
  ConfigurationIndex: 'configurationIndex',
  Size: 'size',
  SnapshotVersion: 'snapshotVersion',
}
const byteNames: Readonly<Record<string, string>> = {
  Leader: 'leader',
  Candidate: 'candidate',
  Peers: 'peers',
  Configuration: 'configuration',
}

/** The message that a golden value stands for. */
export function messageOf(value: GoldenValue): Record<string, unknown> {
  const message: Record<string, unknown> = {
    header: { protocolVersion: value['ProtocolVersion'], id: bytesOf(value['ID']), address: bytesOf(value['Addr']) },
  }
  for (const [name, content] of Object.entries(value)) {
    if (name in names) message[names[name]!] = content
    else if (name in byteNames) message[byteNames[name]!] = bytesOf(content)
    else if (name === 'Entries') message['entries'] = (content as GoldenValue[] | null)?.map(logOf)
    else if (!['ProtocolVersion', 'ID', 'Addr'].includes(name)) throw new Error(`unknown field ${name}`)
  }
  return message
}

function logOf(value: GoldenValue): Log {
  return {
    index: value['Index'] as number,
    term: value['Term'] as number,
    type: value['Type'] as Log['type'],
    data: bytesOf(value['Data']),
    extensions: bytesOf(value['Extensions']),
    appendedAt: timeOf(value['AppendedAt'] as string),
  }
}

/** A time from RFC 3339 text with up to nine decimals; Go's zero time is `undefined`. */
export function timeOf(text: string): Timestamp | undefined {
  if (text === '0001-01-01T00:00:00Z') return undefined
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (parts === null) throw new Error(`not a time: ${text}`)
  const [, seconds, decimals = '', zone = 'Z'] = parts
  const time = { seconds: Date.parse(`${seconds}${zone}`) / 1_000, nanoseconds: Number(decimals.padEnd(9, '0')) }
  if (zone === 'Z') return time
  return {
    ...time,
    offset: (zone.startsWith('-') ? -60 : 60) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))),
  }
}

/** The configuration that a golden value stands for. */
export function configurationOf(value: GoldenValue): Configuration {
  const servers = value['Servers'] as { Suffrage: number; ID: string; Address: string }[] | null
  if (servers === null) return { servers: NO_SERVERS }
  return {
    servers: servers.map(({ Suffrage, ID, Address }) => ({
      suffrage: serverSuffrages[Suffrage]!,
      id: ID,
      address: Address,
    })),
  }
}
