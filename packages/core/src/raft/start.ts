import { systemClock } from '../clock/system-clock.ts'
import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import type { Transport } from '../interfaces/transport.ts'
import type { Config } from '../types/config.ts'
import { StartError } from '../types/errors.ts'
import { type FoundState, findState } from './found-state.ts'
import { FSMCalls } from './fsm-calls.ts'
import { Meter } from './meter.ts'
import type { RaftOptions, Stores } from './options.ts'
import type { Parts } from './parts.ts'
import { silentLogger } from './silent-logger.ts'
import { restoreFSM } from './snapshot-receiver.ts'
import { InvalidConfigError, validateConfig } from './validate-config.ts'

/** The version of the contract with stores that this release has. */
const CONTRACT = 1

/** Below this protocol version a server's ID is its address. */
const IDS_APART_FROM_ADDRESSES = 3

/** Fills in what the options leave out. Later changes to the caller's objects make no difference (Q9). */
export function partsOf<R>(options: RaftOptions<R>): Parts {
  const { logs, stable, snapshots, transport } = options
  return {
    logs,
    stable,
    snapshots,
    transport,
    config: Object.freeze({ ...options.config }),
    fsm: options.fsm,
    own: [...(options.own ?? [])],
    logger: options.logger ?? silentLogger,
    metrics: options.metrics,
    clock: options.clock ?? systemClock(),
    random: options.random ?? Math.random,
  }
}

/** Throws if the stores were written for another version of the contract, naming both versions. */
export function checkContracts({ logs, snapshots }: Pick<Stores, 'logs' | 'snapshots'>): void {
  for (const [name, store] of [['log store', logs] as const, ['snapshot store', snapshots] as const]) {
    const contract: number | undefined = store.capabilities?.contract
    if (contract === undefined || contract === CONTRACT) continue
    throw new StartError(
      `the ${name} was written for version ${contract} of the contract and this release of @raft/core has version ` +
        `${CONTRACT}: install versions of the two that belong together`,
    )
  }
  if (logs.capabilities?.atomicWrite === true && logs.write === undefined) {
    throw new StartError('the log store declares atomicWrite and has no method write')
  }
}

/** Checks the config, also against the transport. Throws an `InvalidConfigError`. */
export function checkConfig(config: Config, transport: Transport): void {
  validateConfig(config)
  if (config.protocolVersion >= IDS_APART_FROM_ADDRESSES || config.localID === transport.localAddress) return
  throw new InvalidConfigError(['when running with ProtocolVersion < 3, LocalID must be set to the network address'])
}

/** Reads the stores and restores the FSM. */
export async function findStateFor(parts: Parts): Promise<FoundState> {
  const { config, fsm, snapshots, transport, clock, metrics, logger } = parts
  const meter = new Meter(metrics, clock)
  const calls = new FSMCalls({ fsm, meter, codec: transport, protocolVersion: config.protocolVersion })
  const restore = async (meta: SnapshotMeta): Promise<void> => {
    if (config.noSnapshotRestoreOnStart) return
    await restoreFSM({ snapshots, calls }, meta.id)
    logger.info({ id: meta.id, index: meta.index, term: meta.term }, 'restored from snapshot')
  }
  return findState({ ...parts, codec: transport, restore, repair: true })
}
