// A cluster of real processes that are killed, stopped and started again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { check } from '@raft-tooling/demo/cluster/checks'
import { Cluster, portsOfCluster, until } from '@raft-tooling/demo/cluster/cluster'
import { HTTPClient } from '@raft-tooling/demo/cluster/http-client'
import { Ledger } from '@raft-tooling/demo/cluster/ledger'
import { Load } from '@raft-tooling/demo/cluster/load'
import { freePortBase } from '@raft-tooling/demo/cluster/ports'

let folder = ''
let cluster: Cluster
let ledger: Ledger

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raft-integration-'))
  ledger = new Ledger()
  cluster = new Cluster({ folder, portBase: await freePortBase(portsOfCluster), size: 3 })
  await cluster.start()
})
afterEach(async () => {
  await cluster.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function write(prefix: string, limit: number): Promise<void> {
  await new Load({ addresses: cluster.addresses, ledger, prefix, clients: 4, limit }).finished()
}

async function complaints(): Promise<readonly string[]> {
  await cluster.caughtUp()
  return check(ledger, await Promise.all(cluster.running.map((node) => node.dump()))).complaints
}

test('all are killed at once and start again from their own disks', async () => {
  await write('before', 300)
  await Promise.all(cluster.nodes.map((node) => node.kill()))
  await cluster.start()
  const held = await Promise.all(cluster.nodes.map(async (node) => (await node.status()).onDisk.last))
  // A write is acknowledged once two of the three have it on disk.
  expect(held.filter((last) => last >= 300).length).toBeGreaterThanOrEqual(2)
  await write('after', 300)
  expect(ledger.acknowledged).toHaveLength(600)
  expect(await complaints()).toEqual([])
})

test('an orderly stop of the leader hands over and loses nothing, and all end with status 0', async () => {
  const { node, status } = await cluster.agreed()
  const load = new Load({ addresses: cluster.addresses, ledger, prefix: 'stop', clients: 4 })
  await until('some writes', 10_000, async () => Promise.resolve(ledger.writes.length > 100 || undefined))
  expect(await node.stop()).toBe(0)
  await cluster.agreed({ after: status.term })
  await node.start()
  await load.stop()
  expect(await complaints()).toEqual([])
  expect([...(await cluster.stop()).values()]).toEqual([0, 0, 0])
})

test('without a majority nothing is acknowledged, and it goes on when it is back', async () => {
  await write('before', 50)
  const { node: leader } = await cluster.agreed()
  const others = cluster.nodes.filter((node) => node !== leader)
  await Promise.all(others.map((node) => node.kill()))
  const client = new HTTPClient()
  const put = { method: 'PUT', http: leader.place.http, path: '/kv/alone', body: 'x', timeout: 15_000 }
  const reply = await client.ask(put)
  // It was in the log of a leader that could not commit it: the outcome is open, or it led no more when it was asked.
  expect([503, 504]).toContain(reply.status)
  const { outcome } = JSON.parse(new TextDecoder().decode(reply.body)) as { outcome: string }
  expect(outcome).toBe(reply.status === 504 ? 'unknown' : 'rejected')
  const read = await client.ask({ http: leader.place.http, path: '/kv/before-0-0', timeout: 15_000 })
  expect(read.status).not.toBe(200)
  const local = await client.ask({ http: leader.place.http, path: '/kv/before-0-0?local' })
  expect(local.status).toBe(200)
  client.close()
  await Promise.all(others.map((node) => node.start()))
  await write('after', 50)
  expect(ledger.acknowledged).toHaveLength(100)
})

test('a node whose parent is gone stops by itself', async () => {
  const [node] = cluster.nodes
  node?.orphan()
  await until('it to end', 15_000, async () => Promise.resolve(node?.running === false || undefined))
  expect(node?.lastWords(1)).toBe('n1 has stopped.')
})
