import { expect, test } from 'vitest'
import { bytes, Cluster, type Member } from './harness/cluster.ts'

const data = bytes(JSON.stringify(['old', 'state']))
const meta = { version: 1, index: 50, size: data.length }

async function started(texts: readonly string[]): Promise<{ cluster: Cluster; leader: Member }> {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  await cluster.wait(Promise.all(texts.map((text) => leader.raft.apply(bytes(text)))))
  return { cluster, leader }
}

test('all servers get the state that a caller gives', async () => {
  const { cluster, leader } = await started(['a', 'b'])
  await cluster.wait(leader.raft.restore(meta, [data]))
  expect(leader.raft.lastIndex).toBe(52)
  const { index, response } = await cluster.wait(leader.raft.apply(bytes('new')))
  expect({ index, response }).toEqual({ index: 53, response: 3 })
  await cluster.clock.advance(500)
  for (const { machine, store } of cluster.members) {
    expect(machine.commands).toEqual(['old', 'state', 'new'])
    expect(Math.min(...store.entries.keys())).toBe(52)
  }
  await cluster.stop()
  for (const member of cluster.members) {
    await member.start(cluster)
    expect(member.machine.commands).toEqual(['old', 'state'])
  }
  await cluster.leader()
  await cluster.stop()
})

test('a restore of the wrong size changes nothing', async () => {
  const { cluster, leader } = await started(['a'])
  const short = cluster.wait(leader.raft.restore({ ...meta, size: data.length + 1 }, [data]))
  const size = `${data.length} != ${data.length + 1}`
  await expect(short).rejects.toMatchObject({
    message: `failed to write snapshot, size didn't match (${size})`,
    outcome: 'rejected',
  })
  await cluster.wait(leader.raft.apply(bytes('b')))
  expect(leader.machine.commands).toEqual(['a', 'b'])
  await cluster.stop()
})

test('a leader that loses its office before the restore is committed goes back', async () => {
  const { cluster, leader } = await started(['a', 'b'])
  cluster.network.cut.add(leader.id)
  const restored = leader.raft.restore(meta, [data])
  restored.catch(() => undefined)
  await cluster.clock.until(() => leader.machine.commands.includes('old'))
  expect(leader.raft.state).toBe('Leader')
  await expect(cluster.wait(restored)).rejects.toMatchObject({ code: 'ERR_RAFT_LEADERSHIP_LOST', outcome: 'unknown' })
  await cluster.clock.until(() => leader.machine.commands.includes('b'))
  const fresh = await cluster.leader()
  await cluster.wait(fresh.raft.apply(bytes('c')))
  cluster.network.cut.clear()
  await cluster.clock.advance(3_000)
  expect(leader.machine.commands).toEqual(['a', 'b', 'c'])
  expect(leader.snapshots.stored.map((stored) => stored.meta.index)).not.toContain(51)
  await cluster.stop()
})

test('what a restore goes back to is not pushed out of the store by a snapshot of its own', async () => {
  const { cluster, leader } = await started(['a', 'b'])
  leader.snapshots.retained = 2
  const [kept, own] = [gate(), gate()]
  leader.snapshots.closing = kept.opened
  let taken: Promise<unknown> | undefined
  async function* whileOneIsTaken(): AsyncGenerator<Uint8Array> {
    leader.snapshots.closing = own.opened
    taken = leader.raft.snapshot()
    taken.catch(() => undefined)
    await cluster.clock.settle()
    leader.snapshots.closing = undefined
    yield data
  }
  const restored = leader.raft.restore(meta, whileOneIsTaken())
  restored.catch(() => undefined)
  await cluster.wait(leader.raft.apply(bytes('c')))
  cluster.network.cut.add(leader.id)
  kept.open()
  await cluster.clock.until(() => leader.snapshots.stored.some((stored) => stored.meta.index === 51))
  own.open()
  await expect(taken).rejects.toThrow('cannot take a snapshot now, a restore has not ended')
  await expect(cluster.wait(restored)).rejects.toMatchObject({ code: 'ERR_RAFT_LEADERSHIP_LOST' })
  await cluster.clock.until(() => leader.machine.commands.includes('c'))
  expect(leader.machine.commands).toEqual(['a', 'b', 'c'])
  await cluster.stop()
})

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

test('a server that restarts before the restore is committed goes back', async () => {
  const { cluster, leader } = await started(['a', 'b'])
  cluster.network.cut.add(leader.id)
  const restored = leader.raft.restore(meta, [data])
  restored.catch(() => undefined)
  await cluster.clock.until(() => leader.machine.commands.includes('old'))
  await cluster.wait(leader.raft.shutdown())
  await expect(restored).rejects.toMatchObject({ code: 'ERR_RAFT_SHUTDOWN', outcome: 'unknown' })
  expect(Math.max(...leader.store.entries.keys())).toBe(52)
  await leader.start(cluster)
  expect(leader.raft.lastIndex).toBeLessThan(10)
  expect(leader.machine.commands).toEqual(['a', 'b'])
  cluster.network.cut.clear()
  const fresh = await cluster.leader()
  await cluster.wait(fresh.raft.apply(bytes('c')))
  await cluster.clock.advance(3_000)
  for (const { machine } of cluster.members) expect(machine.commands).toEqual(['a', 'b', 'c'])
  await cluster.stop()
})

test('an aborted signal ends a restore while its data is read', async () => {
  const { cluster, leader } = await started(['a'])
  const controller = new AbortController()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield data.subarray(0, 3)
    controller.abort()
    yield data.subarray(3)
  }
  const restored = cluster.wait(leader.raft.restore(meta, slow(), { signal: controller.signal }))
  await expect(restored).rejects.toMatchObject({ code: 'ERR_RAFT_ABORTED', outcome: 'rejected' })
  await cluster.wait(leader.raft.apply(bytes('b')))
  expect(leader.machine.commands).toEqual(['a', 'b'])
  await cluster.wait(leader.raft.restore(meta, [data]))
  expect(leader.machine.commands).toEqual(['old', 'state'])
  await cluster.stop()
})

test('an aborted signal ends a restore that waits for its data', async () => {
  const { cluster, leader } = await started(['a'])
  const controller = new AbortController()
  async function* stuck(): AsyncGenerator<Uint8Array> {
    yield await new Promise<Uint8Array>(() => {})
  }
  const restored = leader.raft.restore(meta, stuck(), { signal: controller.signal })
  restored.catch(() => {})
  await cluster.clock.advance(1_000)
  controller.abort()
  await expect(cluster.wait(restored)).rejects.toMatchObject({ code: 'ERR_RAFT_ABORTED', outcome: 'rejected' })
  await cluster.wait(leader.raft.restore(meta, [data]))
  expect(leader.machine.commands).toEqual(['old', 'state'])
  await cluster.stop()
})

test('a snapshot of a restore that came to nothing is sent to nobody while it is being removed', async () => {
  const cluster = await Cluster.start(1, { trailingLogs: 0 })
  const leader = await cluster.leader()
  await cluster.wait(leader.raft.apply(bytes('a')))
  await cluster.wait(leader.raft.snapshot())
  const { meta: own } = leader.snapshots.stored[0]!
  leader.snapshots.stored.unshift({ meta: { ...own, id: 'stray', index: own.index + 5 }, bytes: data })
  const follower = cluster.add('b')
  await follower.start(cluster)
  await cluster.wait(leader.raft.addVoter('b', 'b'))
  await cluster.wait(leader.raft.apply(bytes('b')))
  await cluster.clock.advance(500)
  expect(follower.machine.commands).toEqual(['a', 'b'])
  expect(follower.snapshots.stored.map(({ meta: { index } }) => index)).toEqual([own.index])
  await cluster.stop()
})

test('a follower refuses, and so does a leader that is given an unknown version', async () => {
  const { cluster, leader } = await started(['a'])
  const follower = cluster.members.find((member) => member !== leader)!
  await expect(follower.raft.restore(meta, [data])).rejects.toMatchObject({ code: 'ERR_RAFT_NOT_LEADER' })
  await expect(leader.raft.restore({ ...meta, version: 2 }, [data])).rejects.toThrow('unsupported snapshot version 2')
  await cluster.stop()
})
