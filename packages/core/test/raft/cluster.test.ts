import { expect, test } from 'vitest'
import { bytes, Cluster } from './harness/cluster.ts'

test('a single node elects itself and applies', async () => {
  const cluster = await Cluster.start(1)
  const leader = await cluster.leader()
  const results = await cluster.wait(Promise.all(['x', 'y', 'z'].map((text) => leader.raft.apply(bytes(text)))))
  expect(results).toEqual([
    { index: 3, response: 1 },
    { index: 4, response: 2 },
    { index: 5, response: 3 },
  ])
  await cluster.stop()
})

test('three nodes agree', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  const texts = Array.from({ length: 200 }, (_, at) => `command ${at}`)
  await cluster.wait(Promise.all(texts.map((text) => leader.raft.apply(bytes(text)))))
  await cluster.clock.advance(200)
  for (const member of cluster.members) expect(member.machine.commands).toEqual(texts)
  await cluster.stop()
})

test('a cut-off leader is replaced, and catches up when it comes back', async () => {
  const cluster = await Cluster.start(3)
  const old = await cluster.leader()
  await cluster.wait(old.raft.apply(bytes('before')))
  cluster.network.cut.add(old.id)
  const lost = old.raft.apply(bytes('lost'))
  lost.catch(() => undefined)
  const fresh = await cluster.leader()
  expect(fresh).not.toBe(old)
  await cluster.wait(fresh.raft.apply(bytes('after')))
  await expect(cluster.wait(lost)).rejects.toMatchObject({ code: 'ERR_RAFT_LEADERSHIP_LOST', outcome: 'unknown' })
  cluster.network.cut.clear()
  await cluster.clock.advance(3_000)
  for (const member of cluster.members) expect(member.machine.commands).toEqual(['before', 'after'])
  await cluster.stop()
})

test('a new node gets a snapshot and becomes a voter', async () => {
  const cluster = await Cluster.start(3, { trailingLogs: 0 })
  const leader = await cluster.leader()
  await cluster.wait(Promise.all(['1', '2', '3'].map((text) => leader.raft.apply(bytes(text)))))
  const snapshot = await cluster.wait(leader.raft.snapshot())
  expect(snapshot.meta.index).toBe(5)
  expect(leader.store.entries.size).toBe(0)
  const fresh = cluster.add('d', { trailingLogs: 0 })
  await fresh.start(cluster)
  const { index } = await cluster.wait(leader.raft.addVoter('d', 'd'))
  expect(leader.raft.getConfiguration()).toMatchObject({ index })
  await cluster.clock.advance(500)
  expect(fresh.machine.commands).toEqual(['1', '2', '3'])
  expect(fresh.raft.getConfiguration().configuration.servers).toHaveLength(4)
  await cluster.stop()
})

test('reads, verification, barrier and transfer', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  await cluster.wait(leader.raft.apply(bytes('x')))
  expect(await cluster.wait(leader.raft.read(() => leader.machine.commands.length))).toBe(1)
  await cluster.wait(leader.raft.verifyLeader())
  await cluster.wait(leader.raft.barrier())
  await cluster.wait(leader.raft.leadershipTransfer())
  expect(leader.raft.state).toBe('Follower')
  const fresh = await cluster.leader()
  expect(fresh).not.toBe(leader)
  await expect(leader.raft.apply(bytes('y'))).rejects.toMatchObject({
    code: 'ERR_RAFT_NOT_LEADER',
    outcome: 'rejected',
  })
  await cluster.stop()
})

test('a node restarts from its stores', async () => {
  const cluster = await Cluster.start(1)
  let leader = await cluster.leader()
  await cluster.wait(leader.raft.apply(bytes('x')))
  await cluster.wait(leader.raft.snapshot())
  await cluster.wait(leader.raft.apply(bytes('y')))
  await cluster.wait(leader.raft.shutdown())
  await leader.start(cluster)
  leader = await cluster.leader()
  expect(leader.machine.commands).toEqual(['x', 'y'])
  await cluster.stop()
})
