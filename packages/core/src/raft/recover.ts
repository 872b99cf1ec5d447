import { checkConfiguration } from '../consensus/membership.ts'
import type { FSMSnapshot } from '../interfaces/fsm.ts'
import type { SnapshotMeta } from '../interfaces/snapshot-store.ts'
import { FSMError, SnapshotError, StartError } from '../types/errors.ts'
import { LogType, type Position } from '../types/log.ts'
import { SNAPSHOT_VERSION_MAX } from '../types/versions.ts'
import { encodePeers } from '../wire/codec/legacy-peers.ts'
import { hasExistingState } from './bootstrap.ts'
import { CountedSink } from './counted-sink.ts'
import { findState, named } from './found-state.ts'
import { FSMCalls } from './fsm-calls.ts'
import { Meter } from './meter.ts'
import type { RecoverOptions } from './options.ts'
import { messageOf } from './settle.ts'
import { restoreFSM } from './snapshot-receiver.ts'
import { checkContracts, partsOf } from './start.ts'
import { validateConfig } from './validate-config.ts'

const READ_BYTES = 1_048_576

/**
 * Gives a cluster that lost its majority a new configuration by hand (`RecoverCluster`): everything in the log becomes
 * part of a new snapshot with that configuration, and the log is emptied. Run it on every server that is left, with the
 * same configuration, while none is running. **Entries that were never committed become permanent, and committed ones
 * that only lost servers held are gone.** Term and vote stay. `fsm` is used for this alone; throw it away afterwards.
 *
 * Rejects with `StartError` if the stores hold nothing, and as `Raft.start` does on what they hold.
 */
export async function recoverCluster(options: RecoverOptions): Promise<void> {
  const { config, configuration, snapshots, logs, transport, fsm } = options
  checkContracts(options)
  validateConfig(config)
  checkConfiguration(configuration)
  if (!(await named('check for existing state', () => hasExistingState(options)))) {
    throw new StartError('refused to recover cluster with no initial state, this is probably an operator error')
  }
  const { clock } = partsOf(options)
  const { protocolVersion } = config
  const calls = new FSMCalls({ fsm, meter: new Meter(undefined, clock), codec: transport, protocolVersion })
  const restore = (meta: SnapshotMeta): Promise<void> => restoreFSM({ snapshots, calls }, meta.id)
  const found = await findState({ ...options, codec: transport, restore, repair: false })
  const last = await replay(options, found.initial.snapshot ?? { index: 0, term: 0 }, found.last)
  await store(options, last)
  const first = await named('get first log index', () => logs.firstIndex())
  const through = await named('get last log index', () => logs.lastIndex())
  if (through > 0) await named('compact the log', () => logs.deleteRange(first, through))
}

/** Gives the FSM the commands after the snapshot, committed or not. Returns the last entry of any kind. */
async function replay({ logs, fsm }: RecoverOptions, after: Position, through: number): Promise<Position> {
  let last = after
  while (last.index < through) {
    const range = { from: last.index + 1, through, maxBytes: READ_BYTES }
    for (const log of await named(`get log at index ${range.from}`, () => logs.getLogs(range))) {
      last = { index: log.index, term: log.term }
      if (log.type !== LogType.Command) continue
      try {
        await fsm.apply(log)
      } catch (error) {
        const { index } = log
        throw new FSMError(`the state machine failed on entry ${index}: ${messageOf(error)}`, { index, cause: error })
      }
    }
  }
  return last
}

/** Stores the FSM's state as the newest snapshot, with the new configuration. */
async function store({ fsm, snapshots, transport, configuration }: RecoverOptions, last: Position): Promise<void> {
  const description = {
    version: SNAPSHOT_VERSION_MAX,
    index: last.index,
    term: last.term,
    configuration,
    configurationIndex: 1,
    peers: encodePeers(configuration, transport),
  }
  const snapshot = await failing('snapshot FSM', async () => fsm.snapshot())
  try {
    const sink = await failing('create snapshot', async () => new CountedSink(await snapshots.create(description)))
    try {
      await failing('persist snapshot', async () => persist(snapshot, sink))
      await failing('finalize snapshot', async () => sink.close())
    } catch (error) {
      await sink.cancel()
      throw error
    }
  } finally {
    await snapshot.release()
  }
}

async function persist(snapshot: FSMSnapshot, sink: CountedSink): Promise<void> {
  await snapshot.persist(sink, { signal: new AbortController().signal })
}

async function failing<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw new SnapshotError(`failed to ${what}: ${messageOf(error)}`, { cause: error })
  }
}
