import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type Configuration,
  decodeConfiguration,
  defaultConfig,
  getConfiguration,
  hasExistingState,
  Raft,
  type SnapshotMeta,
  type SnapshotReader,
  type SnapshotStore,
} from '@raft/core'
import { decodePeers, encodePeers } from '@raft/core/wire'
import { InmemSnapshotStore, InmemStore } from '@raft/store-inmem'
import { describe, test } from 'vitest'
import {
  InmemTransport,
  makeClusterNoBootstrap,
  MockFSM,
  type MockFSMConfigStore,
  SimulatedClock,
} from '../../src/index.ts'
import { applyAll, bytes, fate, simulated, text, texts } from './support.ts'

// Table 5.8 of the spec, on real clusters.
const versions = [
  { version: 1, bootstrapEntry: 3, changeEntry: 3, told: 0, byAddress: true, byID: false },
  { version: 2, bootstrapEntry: 3, changeEntry: 5, told: 0, byAddress: true, byID: true },
  { version: 3, bootstrapEntry: 5, changeEntry: 5, told: 2, byAddress: false, byID: true },
]

for (const { version, bootstrapEntry, changeEntry, told, byAddress, byID } of versions) {
  describe(`protocol version ${version}`, () => {
    test('elects, replicates and takes snapshots', async () => {
      const { cluster } = await simulated(3, { conf: { protocolVersion: version, trailingLogs: 0 } })
      const { raft, id, address } = await cluster.leader()
      equal(id === address, version < 3)
      const away = cluster.inState('Follower')[0]!
      cluster.disconnect(away.id)
      await applyAll(cluster, raft, texts('a', 10))
      await cluster.settle(raft.snapshot())
      cluster.reconnect(away.id)
      await cluster.ensureSame()
      equal((away.fsm as MockFSM).logs().length, 10)
      equal(raft.stats().protocol_version, String(version))
      await cluster.close()
    })

    test(`writes its first configuration as type ${bootstrapEntry} and later ones as type ${changeEntry}`, async () => {
      const { cluster, clock } = await simulated(1, { conf: { protocolVersion: version }, configStoreFSM: true })
      const { raft, store, fsm, address, transport } = await cluster.leader()
      await applyAll(cluster, raft, ['a'])
      const joining = await makeClusterNoBootstrap(1, { clock, conf: { protocolVersion: version } })
      const added = joining.nodes[0]!
      cluster.merge(joining)
      const change: Promise<unknown> = byAddress ? raft.addPeer(added.address) : raft.addVoter(added.id, added.address)
      await cluster.settle(change)
      await cluster.ensureSame()
      deepEqual(
        raft.getConfiguration().configuration.servers.map((server) => [server.suffrage, server.address]),
        [
          ['Voter', address],
          ['Voter', added.address],
        ],
      )
      const first = store.getLog(1)
      equal(first.type, bootstrapEntry)
      const written: Configuration =
        first.type === 5 ? decodeConfiguration(first.data!) : decodePeers(first.data!, transport)
      deepEqual(
        written.servers.map((server) => server.address),
        [address],
      )
      const { index } = raft.getConfiguration()
      equal(store.getLog(index).type, changeEntry)
      await cluster.until(() => raft.appliedIndex === raft.lastIndex, 'all is applied')
      ok((fsm as MockFSMConfigStore).configurations.length >= told)
      equal((fsm as MockFSMConfigStore).configurations.length > 0, told > 0)
      if (byAddress) {
        await cluster.settle(raft.removePeer(added.address))
        equal(raft.getConfiguration().configuration.servers.length, 1)
      }
      await cluster.close()
    })

    test('refuses what it does not have', async () => {
      const { cluster } = await simulated(1, { conf: { protocolVersion: version } })
      const { raft, id, address } = await cluster.leader()
      const unsupported = 'UNSUPPORTED_PROTOCOL rejected'
      equal((await cluster.settle(fate(raft.removePeer('x')))) === unsupported, !byAddress)
      equal((await cluster.settle(fate(raft.removeServer('x')))) === unsupported, !byID)
      for (const call of [
        () => raft.addNonvoter('x', 'x'),
        () => raft.demoteVoter('x'),
        () => raft.leadershipTransfer(),
        () => raft.leadershipTransferToServer(id, address),
      ]) {
        equal((await cluster.settle(fate(call()))) === unsupported, version < 3)
      }
      await cluster.close()
    })
  })
}

/** Snapshots as they were before there were configurations: their members are legacy peers. */
class OldSnapshots implements SnapshotStore {
  readonly #inner: InmemSnapshotStore
  readonly #peers: Uint8Array

  constructor(inner: InmemSnapshotStore, peers: Uint8Array) {
    this.#inner = inner
    this.#peers = peers
  }

  create(): never {
    throw new Error('only read')
  }

  list(): readonly SnapshotMeta[] {
    return this.#inner.list().map((meta) => this.#old(meta))
  }

  open(id: string): SnapshotReader {
    const reader = this.#inner.open(id)
    const iterate = (): AsyncIterator<Uint8Array> => reader[Symbol.asyncIterator]()
    return { meta: this.#old(reader.meta), close: () => reader.close(), [Symbol.asyncIterator]: iterate }
  }

  #old(meta: SnapshotMeta): SnapshotMeta {
    return { ...meta, version: 0, peers: this.#peers, configuration: { servers: [] }, configurationIndex: 0 }
  }
}

test('a snapshot of version 0 is read: its members are its legacy peers, all of them voters', async () => {
  const { cluster } = await simulated(1)
  const { raft, snapshots } = await cluster.leader()
  await applyAll(cluster, raft, texts('a', 5))
  const { meta } = await cluster.settle(raft.snapshot())
  await cluster.close()

  const clock = new SimulatedClock()
  const transport = new InmemTransport({ address: 'one', clock })
  const servers = ['one', 'two'].map((name) => ({ suffrage: 'Voter' as const, id: name, address: name }))
  const old = new OldSnapshots(snapshots, encodePeers({ servers }, transport))
  const store = new InmemStore()
  const stores = { logs: store, stable: store, snapshots: old }
  const options = { ...stores, config: { ...defaultConfig(), localID: 'one' }, transport }
  equal(await hasExistingState(stores), true)
  deepEqual(await getConfiguration(options), { configuration: { servers }, index: meta.index })
  equal(store.lastIndex(), 0)
  const fsm = new MockFSM()
  const again = await Raft.start({ ...options, fsm, clock })
  deepEqual(again.getConfiguration(), { configuration: { servers }, index: meta.index })
  deepEqual([again.lastIndex, again.appliedIndex, again.commitIndex], [meta.index, meta.index, meta.index])
  deepEqual(fsm.logs().map(text), texts('a', 5))
  await clock.run(again.shutdown())
})

test('stores without anything hold no state, and any of the three counts', async () => {
  const empty = { logs: new InmemStore(), stable: new InmemStore(), snapshots: new InmemSnapshotStore() }
  equal(await hasExistingState(empty), false)
  const logs = new InmemStore()
  logs.storeLog({ index: 1, term: 1, type: 0, data: bytes('x') })
  equal(await hasExistingState({ ...empty, logs }), true)
  const snapshots = new InmemSnapshotStore()
  const description = { version: 1, index: 1, term: 1, configuration: { servers: [] }, configurationIndex: 1 }
  snapshots.create(description).close()
  equal(await hasExistingState({ ...empty, snapshots }), true)
  const { cluster } = await simulated(1)
  const { store: stable } = await cluster.leader()
  equal(await hasExistingState({ ...empty, stable }), true)
  equal(stable.lastIndex() > 0, true)
  await cluster.close()
})
