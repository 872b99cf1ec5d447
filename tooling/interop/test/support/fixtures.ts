import { readFileSync } from 'node:fs'
import type { Log, Server, ServerSuffrage, SnapshotMeta, Timestamp } from '@raft/core'
import { NO_SERVERS, serverSuffrages } from '@raft/core'

/** The folder that `npm run record` writes. */
export const fixtures: URL = new URL('../../fixtures/', import.meta.url)

/** The lines of one of its files. */
export function linesOf<T>(name: string): T[] {
  const text = readFileSync(new URL(name, fixtures), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A message with the field names of Go, as the recorder writes what it sent: bytes as hex or null, times as text. */
export function goValue(message: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, content] of Object.entries(message)) {
    if (name === 'header') Object.assign(fields, goValue(content as object))
    else fields[goName(name)] = goField(name, content)
  }
  return fields
}

function goName(name: string): string {
  if (name === 'id') return 'ID'
  if (name === 'address') return 'Addr'
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function goField(name: string, content: unknown): unknown {
  if (name === 'entries') return (content as Log[] | undefined)?.map((log) => goLog(log)) ?? null
  if (content instanceof Uint8Array) return toHex(content)
  return content ?? null
}

function goLog({ data, extensions, appendedAt, index, term, type }: Log): Record<string, unknown> {
  const bytes = (content: Uint8Array | undefined) => (content === undefined ? null : toHex(content))
  return {
    AppendedAt: goTime(appendedAt),
    Data: bytes(data),
    Extensions: bytes(extensions),
    Index: index,
    Term: term,
    Type: type,
  }
}

/** RFC 3339 with as many decimals as are needed. */
export function goTime(time: Timestamp | undefined): string {
  if (time === undefined) return '0001-01-01T00:00:00Z'
  const { seconds, nanoseconds, offset } = time
  const local = new Date((seconds + (offset ?? 0)) * 1_000).toISOString().slice(0, 19)
  const decimals = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`
  return `${local}${decimals}${zoneOf(offset)}`
}

function zoneOf(offset: number | undefined): string {
  if (offset === undefined || offset === 0) return 'Z'
  const minutes = Math.abs(offset) / 60
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** A server as Go has it. */
export interface GoServer {
  readonly Suffrage: number
  readonly ID: string
  readonly Address: string
}

export const goServers = (servers: readonly Server[]): GoServer[] | null =>
  servers === NO_SERVERS
    ? null
    : servers.map(({ suffrage, id, address }) => ({
        Suffrage: serverSuffrages.indexOf(suffrage),
        ID: id,
        Address: address,
      }))

export const ourServers = (servers: readonly GoServer[] | null): readonly Server[] =>
  servers === null
    ? NO_SERVERS
    : servers.map(({ Suffrage, ID, Address }) => ({
        suffrage: serverSuffrages[Suffrage] as ServerSuffrage,
        id: ID,
        address: Address,
      }))

/** The metadata of a snapshot as Go has it. */
export function goMeta(meta: SnapshotMeta): Record<string, unknown> {
  return {
    Version: meta.version,
    ID: meta.id,
    Index: meta.index,
    Term: meta.term,
    Peers: meta.peers === undefined ? null : toHex(meta.peers),
    Configuration: { Servers: goServers(meta.configuration.servers) },
    ConfigurationIndex: meta.configurationIndex,
    Size: meta.size,
  }
}
