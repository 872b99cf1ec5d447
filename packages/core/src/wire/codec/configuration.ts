import {
  type Configuration,
  NO_SERVERS,
  type Server,
  type ServerSuffrage,
  serverSuffrages,
} from '../../types/configuration.ts'
import { decoded, type Reader } from './reader.ts'
import { type Field, key, readStructure, schema } from './schema.ts'
import { encoded } from './writer.ts'

/** Far more than any cluster; it bounds what a few bytes can be made to cost. */
const maxServers = 65_536

const string = (name: string): Field => ({ name, zero: '', read: (reader) => reader.string() })
const suffrage: Field = { name: 'Suffrage', zero: 'Voter', read: readSuffrage }
const servers: Field = { name: 'Servers', zero: NO_SERVERS, read: readServers }
const serverSchema = schema('Server', [suffrage, string('ID'), string('Address')])
const configurationSchema = schema('Configuration', [servers])

const opening = Uint8Array.of(0x81, ...key('Servers'))
const serverOpening = Uint8Array.of(0x83, ...key('Address'))
const idKey = key('ID')
const suffrageKey = key('Suffrage')

/**
 * The bytes of a configuration as they stand in a `Configuration` entry and in an InstallSnapshot (spec §2.2). The
 * order of the servers is kept. `NO_SERVERS` is written as nil, any other empty list as an empty array.
 */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  return encoded((writer) => {
    writer.raw(opening)
    if (configuration.servers === NO_SERVERS) return writer.nil()
    writer.array(configuration.servers.length)
    for (const server of configuration.servers) {
      writer.raw(serverOpening)
      writer.string(server.address)
      writer.raw(idKey)
      writer.string(server.id)
      writer.raw(suffrageKey)
      writer.signed(serverSuffrages.indexOf(server.suffrage))
    }
  })
}

/** Reads what `encodeConfiguration` wrote, or Go. Bytes after it are ignored, as in Go. Throws `DecodeError`. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  return decoded(bytes, (reader) => {
    const [list] = readStructure(reader, configurationSchema)
    return { servers: list as readonly Server[] }
  })
}

function readServers(reader: Reader): readonly Server[] {
  const count = reader.arrayOrNil()
  if (count === undefined) return NO_SERVERS
  if (count > maxServers) throw reader.unexpected(`at most ${maxServers} servers`, `${count}`)
  const list: Server[] = []
  for (let i = 0; i < count; i++) {
    const [address, id, vote] = readStructure(reader, serverSchema)
    list.push({ suffrage: vote as ServerSuffrage, id: id as string, address: address as string })
  }
  return list
}

function readSuffrage(reader: Reader): ServerSuffrage {
  const number = reader.integer()
  const name = serverSuffrages[number]
  if (name === undefined) throw reader.unexpected('a suffrage from 0 to 2', `${number}`)
  return name
}
