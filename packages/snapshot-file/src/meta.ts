import {
  type Configuration,
  NO_SERVERS,
  SNAPSHOT_VERSION_MAX,
  type Server,
  serverSuffrages,
  type SnapshotMeta,
} from '@raft/core'
import { Members, parseFirst, quote } from './go-json.ts'

/** A snapshot's metadata as it is in `meta.json`. */
export interface StoredMeta {
  readonly meta: SnapshotMeta
  /** CRC-64/XZ of the state, 8 bytes, the highest first; `undefined` until the state is complete. */
  readonly checksum: Uint8Array | undefined
}

/** The text of `meta.json`, byte for byte as Go writes it. */
export function encodeMeta({ meta, checksum }: StoredMeta): string {
  const members = [
    ['Version', meta.version],
    ['ID', quote(meta.id)],
    ['Index', meta.index],
    ['Term', meta.term],
    ['Peers', base64(meta.peers)],
    ['Configuration', encodeConfiguration(meta.configuration)],
    ['ConfigurationIndex', meta.configurationIndex],
    ['Size', meta.size],
    ['CRC', base64(checksum)],
  ]
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}\n`
}

function encodeConfiguration({ servers }: Configuration): string {
  const list = servers.map(({ suffrage, id, address }) => {
    return `{"Suffrage":${serverSuffrages.indexOf(suffrage)},"ID":${quote(id)},"Address":${quote(address)}}`
  })
  return `{"Servers":${servers === NO_SERVERS ? 'null' : `[${list.join(',')}]`}}`
}

function base64(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'null'
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`
}

/**
 * Reads what `encodeMeta` or Go wrote, as leniently as Go does. Throws an error that says what is wrong; numbers beyond
 * 2^53 − 1 are refused.
 *
 * @param id The name of the snapshot's folder, which is its ID whatever the text says.
 */
export function decodeMeta(text: string, id: string): StoredMeta {
  const members = new Members(parseFirst(text), 'meta')
  const version = members.number('Version')
  if (version > SNAPSHOT_VERSION_MAX) throw new RangeError(`unsupported snapshot version ${version}`)
  const meta = {
    version,
    id,
    index: members.number('Index'),
    term: members.number('Term'),
    peers: members.bytes('Peers'),
    configuration: decodeConfiguration(members.get('Configuration')),
    configurationIndex: members.number('ConfigurationIndex'),
    size: members.number('Size'),
  }
  checkPlausible(meta)
  return { meta, checksum: members.bytes('CRC') }
}

const snapshotName = /^(\d+)-(\d+)-\d+$/

/** The format has no checksum for the metadata; what it says twice is compared. */
function checkPlausible({ version, id, index, term, configuration }: SnapshotMeta): void {
  if (version === 0 && configuration.servers.length > 0) {
    throw new RangeError('it has a configuration, which there was not at version 0')
  }
  const [, termOfName, indexOfName] = snapshotName.exec(id) ?? []
  if (termOfName !== undefined && (Number(termOfName) !== term || Number(indexOfName) !== index)) {
    throw new RangeError(`its term ${term} and index ${index} are not those of its name`)
  }
}

function decodeConfiguration(value: unknown): Configuration {
  const servers = new Members(value, 'meta.Configuration').list('Servers')
  return { servers: servers?.map(decodeServer) ?? NO_SERVERS }
}

function decodeServer(value: unknown, at: number): Server {
  const members = new Members(value, `meta.Configuration.Servers[${at}]`)
  const suffrage = serverSuffrages[members.number('Suffrage')]
  if (suffrage === undefined) throw new RangeError(`meta.Configuration.Servers[${at}].Suffrage is unknown`)
  return { suffrage, id: members.text('ID'), address: members.text('Address') }
}

/** The order of snapshots, newest first: by term, then index, then ID. */
export function newestFirst(left: SnapshotMeta, right: SnapshotMeta): number {
  if (left.term !== right.term) return right.term - left.term
  if (left.index !== right.index) return right.index - left.index
  return left.id < right.id ? 1 : left.id > right.id ? -1 : 0
}
