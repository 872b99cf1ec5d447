import { checkConfiguration } from '../consensus/membership.ts'
import { CantBootstrapError } from '../types/errors.ts'
import { LogType } from '../types/log.ts'
import { makeEntry } from './entries.ts'
import { named } from './found-state.ts'
import { sharesStore } from './log-writer.ts'
import type { BootstrapOptions, ExistingStateOptions } from './options.ts'
import { checkContracts } from './start.ts'
import { validateConfig } from './validate-config.ts'
import { decodeVote, encodeVote, VOTE_KEY } from './vote-record.ts'

/** Below this protocol version the first configuration is a legacy entry (spec §5.8). */
const CONFIGURATION_ENTRY = 3

/**
 * Whether the stores hold anything of a server: a term, entries, or a snapshot (`HasExistingState`). Changes nothing.
 * Rejects with the store's failure, naming what was read.
 */
export async function hasExistingState({ logs, stable, snapshots }: ExistingStateOptions): Promise<boolean> {
  const vote = decodeVote(await named('read current term', () => stable.get(VOTE_KEY)))
  if (vote.term > 0) return true
  if ((await named('get last log index', () => logs.lastIndex())) > 0) return true
  return (await named('list snapshots', () => snapshots.list())).length > 0
}

/**
 * Stores the first configuration of a new cluster, before the node is started (`BootstrapCluster`). Done alike, with the
 * same configuration, it may be done on several servers, or on one only. Rejects with `CantBootstrapError` if the stores
 * hold anything, `InvalidConfigError` or `ConfigurationError` if what is given is wrong.
 */
export async function bootstrapCluster(options: BootstrapOptions): Promise<void> {
  const { config, logs, stable, transport, configuration } = options
  checkContracts(options)
  validateConfig(config)
  checkConfiguration(configuration)
  if (await named('check for existing state', () => hasExistingState(options))) throw new CantBootstrapError()
  const type = config.protocolVersion < CONFIGURATION_ENTRY ? LogType.RemovePeerDeprecated : LogType.Configuration
  const entry = makeEntry({ index: 1, term: 1, type, configuration }, transport)
  const vote = encodeVote({ term: 1 })
  const { write } = logs
  if (write !== undefined && logs.capabilities?.atomicWrite === true && sharesStore(logs, stable)) {
    const batch = { set: [{ key: VOTE_KEY, value: vote }], logs: [entry] }
    return named('append configuration entry to log', () => write.call(logs, batch))
  }
  // The entry first: a term without it would be existing state, and the cluster could never be bootstrapped. The term
  // of the entry counts even if the other write is lost.
  await named('append configuration entry to log', () => logs.storeLog(entry))
  await named('save current term', () => stable.set(VOTE_KEY, vote))
}
