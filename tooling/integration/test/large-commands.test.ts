// Commands of half a megabyte, over sockets and onto disks: they keep connections, disks and processors busy, and must
// not cost a leader its leadership.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bootstrapCluster, defaultConfig, type FSM, type Log, Raft, type Server } from '@raft/core'
import { FileSnapshotStore } from '@raft/snapshot-file'
import { SqliteStore } from '@raft/store-sqlite'
import { TCPTransport } from '@raft/transport-tcp'

const SIZE = 512 * 1_024
const COMMANDS = 200
const CLIENTS = 8

/** Counts bytes. */
class Bytes implements FSM<number> {
  count = 0

  apply({ data }: Log): number {
    return (this.count += data?.length ?? 0)
  }

  snapshot() {
    return { persist: () => undefined, release: () => undefined }
  }

  restore(): void {}
}

let folder = ''
let servers: { readonly raft: Raft<number>; readonly fsm: Bytes }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raft-large-'))
  const transports = await Promise.all(['a', 'b', 'c'].map(() => TCPTransport.listen({ bindAddress: '127.0.0.1:0' })))
  const members = transports.map(({ localAddress }, at): Server => ({
    suffrage: 'Voter',
    id: `server-${at}`,
    address: localAddress,
  }))
  servers = await Promise.all(transports.map((transport, at) => start(`server-${at}`, transport, members)))
})

afterEach(async () => {
  await Promise.all(servers.map(({ raft }) => raft.shutdown()))
  await rm(folder, { recursive: true, force: true })
})

async function start(id: string, transport: TCPTransport, members: readonly Server[]) {
  const dir = join(folder, id)
  await mkdir(dir)
  const store = await SqliteStore.open({ path: join(dir, 'raft.db'), serverID: id })
  const snapshots = await FileSnapshotStore.open({ dir, retain: 1 })
  const parts = { config: { ...defaultConfig(), localID: id }, logs: store, stable: store, snapshots, transport }
  await bootstrapCluster({ ...parts, configuration: { servers: members } })
  const fsm = new Bytes()
  return { raft: await Raft.start({ ...parts, fsm, own: [store] }), fsm }
}

/** The server that leads, once all agree. */
async function leader(): Promise<(typeof servers)[number]> {
  for (;;) {
    const found = servers.find(({ raft }) => raft.state === 'Leader')
    const named = new Set(servers.map(({ raft }) => raft.leader?.id))
    if (found !== undefined && named.size === 1 && !named.has(undefined)) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a hundred megabytes in commands of 512 KB, and nobody campaigns', async () => {
  const { raft, fsm } = await leader()
  const term = raft.currentTerm
  const campaigns: string[] = []
  for (const { raft: one } of servers) {
    void (async () => {
      for await (const { data } of one.observe()) {
        if (data.type === 'state' && data.state !== 'Shutdown') campaigns.push(data.state)
      }
    })()
  }
  let left = COMMANDS
  const client = async (): Promise<void> => {
    while (left-- > 0) await raft.apply(new Uint8Array(SIZE))
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  expect(campaigns).toEqual([])
  expect(servers.map(({ raft: one }) => one.currentTerm)).toEqual([term, term, term])
  expect(raft.state).toBe('Leader')
  expect(fsm.count).toBe(COMMANDS * SIZE)
})
