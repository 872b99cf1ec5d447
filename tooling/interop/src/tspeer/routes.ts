import { FileSnapshotStore } from '@raft/snapshot-file'
import type { ControlRequest } from '../control/protocol.ts'
import { applyAll, fill } from './apply.ts'
import type { TSPeer } from './peer.ts'
import { base64, dumpOf, inspect, logOf, serversOf, statsOf, summaryOf } from './report.ts'

/** Answers one request of the control interface; what it throws is answered as a failure. */
export type Route = (request: ControlRequest) => unknown

/** Every request that a server answers but `/stop`, by its path. */
export function routesOf(peer: TSPeer): ReadonlyMap<string, Route> {
  const { raft, machine } = peer
  return new Map<string, Route>([
    ['/stats', () => statsOf(peer)],
    ['/summary', () => summaryOf(peer)],
    ['/dump', () => dumpOf(peer)],
    ['/get', ({ key = '' }) => entryOf(peer, key)],
    ['/log', ({ from = 1, through = 0 }) => logOf(peer, from, through)],
    ['/inspect', ({ folder = '' }) => inspect(folder)],
    ['/apply', (request) => applyAll(peer, request)],
    ['/fill', (request) => fill(peer, request)],
    ['/barrier', ({ timeout = 10_000 }) => raft.barrier({ timeout })],
    ['/verify', () => raft.verifyLeader()],
    // Ours alone: a read without an entry.
    ['/read', ({ key = '' }) => raft.read(() => machine.state.entries.has(key))],
    [
      '/configuration',
      () => {
        const { configuration, index } = raft.getConfiguration()
        return { servers: serversOf(configuration.servers), index }
      },
    ],
    ['/member', (request) => change(peer, request)],
    ['/transfer', ({ id, address = '' }) => transfer(peer, id, address)],
    ['/snapshot', () => snapshot(peer)],
    ['/restore', (request) => restore(peer, request)],
  ])
}

function entryOf({ machine }: TSPeer, key: string): unknown {
  const entry = machine.state.entries.get(key)
  return entry === undefined ? null : { ...entry, value: base64(entry.value) }
}

function change({ raft }: TSPeer, request: ControlRequest): Promise<{ index: number }> {
  const { id = '', address = '', prevIndex = 0, timeout = 10_000 } = request
  // Go's timeout bounds the queue alone, and a staging server that cannot be reached would be waited for for ever.
  const options = { prevIndex, timeout, signal: AbortSignal.timeout(timeout) }
  switch (request.change) {
    case 'addVoter':
      return raft.addVoter(id, address, options)
    case 'addNonvoter':
      return raft.addNonvoter(id, address, options)
    case 'demoteVoter':
      return raft.demoteVoter(id, options)
    case 'removeServer':
      return raft.removeServer(id, options)
    default:
      throw new Error('no such change')
  }
}

function transfer({ raft }: TSPeer, id: string | undefined, address: string): Promise<void> {
  return id === undefined || id === '' ? raft.leadershipTransfer() : raft.leadershipTransferToServer(id, address)
}

async function snapshot({ raft }: TSPeer): Promise<unknown> {
  const { meta } = await raft.snapshot()
  return { id: meta.id, index: meta.index, term: meta.term, size: meta.size }
}

/** Makes the newest snapshot of a folder the state of the whole cluster. */
async function restore({ raft }: TSPeer, { folder = '' }: ControlRequest): Promise<void> {
  const store = await FileSnapshotStore.open({ dir: folder, retain: 1_000 })
  const [newest] = await store.list()
  if (newest === undefined) throw new Error(`no snapshot in ${folder}`)
  const reader = await store.open(newest.id)
  try {
    await raft.restore(reader.meta, reader)
  } finally {
    await reader.close()
  }
}
