import type { OwnEntry } from '../consensus/effects.ts'
import type { Configuration, IndexedConfiguration } from '../types/configuration.ts'
import { DecodeError } from '../types/errors.ts'
import { type Log, LogType, type Timestamp } from '../types/log.ts'
import { decodeConfiguration, encodeConfiguration } from '../wire/codec/configuration.ts'
import { decodePeers, encodePeers, type PeerCodec } from '../wire/codec/legacy-peers.ts'

/** The entry that a leader, or the first configuration, makes itself, as it is stored and sent. */
export function makeEntry(entry: OwnEntry, codec: PeerCodec, appendedAt?: Timestamp): Log {
  const { index, term, type, configuration } = entry
  if (configuration === undefined) return { index, term, type, appendedAt }
  const data = type === LogType.Configuration ? encodeConfiguration(configuration) : encodePeers(configuration, codec)
  return { index, term, type, data, appendedAt }
}

/** Whether an entry makes a configuration: one of today, or a legacy one. */
export function makesConfiguration(type: LogType): boolean {
  return type === LogType.Configuration || type === LogType.AddPeerDeprecated || type === LogType.RemovePeerDeprecated
}

/** The configuration that an entry makes. Throws `DecodeError`. */
export function configurationOf(log: Log, codec: PeerCodec): Configuration {
  const data = log.data ?? new Uint8Array(0)
  return log.type === LogType.Configuration ? decodeConfiguration(data) : decodePeers(data, codec)
}

/** The configurations among entries, ascending. Throws `DecodeError`, also for an entry whose type nobody knows. */
export function configurationsIn(logs: readonly Log[], codec: PeerCodec): readonly IndexedConfiguration[] {
  let found: IndexedConfiguration[] | undefined
  for (const log of logs) {
    // Nearly every entry is a command.
    if (log.type === LogType.Command) continue
    if (!(log.type <= LogType.Configuration))
      throw new DecodeError(`unknown log type ${log.type} at index ${log.index}`)
    if (!makesConfiguration(log.type)) continue
    found ??= []
    found.push({ configuration: configurationOf(log, codec), index: log.index })
  }
  return found ?? []
}
