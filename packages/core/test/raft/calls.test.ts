import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/types/config.ts'
import { bytes, Cluster, type Member } from './harness/cluster.ts'

async function one(config: Partial<Config> = {}): Promise<{ cluster: Cluster; member: Member }> {
  const cluster = await Cluster.start(1, config)
  return { cluster, member: await cluster.leader() }
}

/** What became of a promise, as text; it never rejects. */
function fate(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string; outcome?: string }) => `${error.code} ${error.outcome}`,
  )
}

/** Makes the disk wait, until the returned function is called. */
function stall({ store }: Member): () => void {
  const open: (() => void)[] = []
  store.gate = () => new Promise((resolve) => open.push(resolve))
  return () => {
    store.gate = undefined
    for (const finish of open) finish()
  }
}

describe('room for commands', () => {
  test('one that is too large is refused before anything is queued', async () => {
    const { cluster, member } = await one({ maxCommandBytes: 10 })
    const call = member.raft.applyLog({ data: new Uint8Array(8), extensions: new Uint8Array(3) })
    await expect(call).rejects.toThrow('command of 11 bytes exceeds the limit of 10 bytes')
    expect(await fate(call)).toBe('ERR_RAFT_COMMAND_TOO_LARGE rejected')
    await cluster.stop()
  })

  test('above the limit callers wait outside, in order, for their timeout at most', async () => {
    const { cluster, member } = await one({ maxPendingBytes: 10 })
    const resume = stall(member)
    const first = fate(member.raft.apply(new Uint8Array(8)))
    const second = fate(member.raft.apply(new Uint8Array(3), { timeout: 100 }))
    const third = fate(member.raft.apply(new Uint8Array(3), { timeout: 500 }))
    const fourth = fate(member.raft.apply(new Uint8Array(1)))
    await cluster.clock.advance(200)
    expect(await second).toBe('ERR_RAFT_ENQUEUE_TIMEOUT rejected')
    resume()
    expect(await cluster.wait(Promise.all([first, third, fourth]))).toEqual(['resolved', 'resolved', 'resolved'])
    expect(member.machine.indexes).toEqual([3, 4, 5])
    await cluster.clock.advance(1_000)
    await cluster.stop()
  })

  test('with batchApplyCh the timeout is over once a command is among the next', async () => {
    const { cluster, member } = await one({ maxPendingBytes: 10, batchApplyCh: true, maxAppendEntries: 1 })
    const resume = stall(member)
    const calls = [8, 8, 8].map((size) => fate(member.raft.apply(new Uint8Array(size), { timeout: 100 })))
    await cluster.clock.advance(200)
    resume()
    expect(await cluster.wait(Promise.all(calls))).toEqual([
      'resolved',
      'resolved',
      'ERR_RAFT_ENQUEUE_TIMEOUT rejected',
    ])
    await cluster.stop()
  })

  test('those that wait when the leader loses its office are refused', async () => {
    const cluster = await Cluster.start(3, { maxPendingBytes: 10 })
    const leader = await cluster.leader()
    cluster.network.cut.add(leader.id)
    const calls = [8, 8].map((size) => fate(leader.raft.apply(new Uint8Array(size))))
    await cluster.clock.until(() => leader.raft.state !== 'Leader')
    expect(await cluster.wait(Promise.all(calls))).toEqual([
      'ERR_RAFT_LEADERSHIP_LOST unknown',
      'ERR_RAFT_NOT_LEADER rejected',
    ])
    await cluster.stop()
  })
})

describe('a signal ends the wait', () => {
  test('before the command is queued, while it is, and when it is in the log', async () => {
    const { cluster, member } = await one()
    const { raft } = member
    expect(await fate(raft.apply(bytes('x'), { signal: AbortSignal.abort() }))).toBe('ERR_RAFT_ABORTED rejected')
    const controller = new AbortController()
    const { signal } = controller
    const resume = stall(member)
    const submitted = fate(raft.apply(bytes('submitted'), { signal }))
    await cluster.clock.settle()
    const queued = fate(raft.apply(bytes('queued'), { signal }))
    const other = fate(raft.apply(bytes('other')))
    controller.abort(new Error('enough'))
    expect(await submitted).toBe('ERR_RAFT_ABORTED unknown')
    expect(await queued).toBe('ERR_RAFT_ABORTED rejected')
    resume()
    expect(await cluster.wait(other)).toBe('resolved')
    expect(member.machine.commands).toEqual(['submitted', 'other'])
    await cluster.stop()
  })

  test('and keeps its reason', async () => {
    const { cluster, member } = await one()
    const reason = new Error('enough')
    await expect(member.raft.barrier({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({ cause: reason })
    await cluster.stop()
  })

  test('of a read, a change in line, and a change that was made', async () => {
    const cluster = await Cluster.start(3)
    const leader = await cluster.leader()
    cluster.network.cut.add(leader.id)
    const controller = new AbortController()
    const { signal } = controller
    const calls = [
      leader.raft.read(() => 1, { signal }),
      leader.raft.addNonvoter('d', 'd', { signal }),
      leader.raft.addNonvoter('e', 'e', { signal }),
    ].map(fate)
    await cluster.clock.settle()
    controller.abort()
    expect(await Promise.all(calls)).toEqual([
      'ERR_RAFT_ABORTED rejected',
      'ERR_RAFT_ABORTED unknown',
      'ERR_RAFT_ABORTED rejected',
    ])
    cluster.network.cut.clear()
    await cluster.clock.advance(500)
    const { servers } = leader.raft.getConfiguration().configuration
    expect(servers.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    await cluster.stop()
  })

  test('one signal may serve many calls and is let go of when they end', async () => {
    const { cluster, member } = await one()
    const controller = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = controller.signal
    controller.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1
      addEventListener.apply(controller.signal, args)
    }
    controller.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1
      removeEventListener.apply(controller.signal, args)
    }
    const { signal } = controller
    const calls = Array.from({ length: 50 }, () => member.raft.apply(bytes('x'), { signal }))
    expect(listeners).toBe(1)
    await cluster.wait(Promise.all(calls))
    expect(listeners).toBe(0)
    await cluster.stop()
  })
})

test('a change that waits in line for too long never happens', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  const followers = cluster.members.filter((member) => member !== leader)
  for (const follower of followers) stall(follower)
  const first = fate(leader.raft.addNonvoter('d', 'd', { timeout: 50 }))
  const second = fate(leader.raft.addNonvoter('e', 'e', { timeout: 50 }))
  await cluster.clock.advance(100)
  expect(await second).toBe('ERR_RAFT_ENQUEUE_TIMEOUT rejected')
  await cluster.wait(leader.raft.shutdown())
  expect(await first).toBe('ERR_RAFT_SHUTDOWN unknown')
  await cluster.stop()
})

test('what is no command is a TypeError', async () => {
  const { cluster, member } = await one()
  await expect(member.raft.apply('text' as unknown as Uint8Array)).rejects.toThrow(TypeError)
  await cluster.stop()
})

test('a follower refuses at once and names the leader', async () => {
  const cluster = await Cluster.start(3)
  const leader = await cluster.leader()
  await cluster.clock.advance(200)
  const follower = cluster.members.find((member) => member !== leader)!
  await expect(follower.raft.apply(bytes('x'))).rejects.toMatchObject({
    code: 'ERR_RAFT_NOT_LEADER',
    outcome: 'rejected',
    leader: { id: leader.id, address: leader.id },
  })
  for (const call of [follower.raft.barrier(), follower.raft.verifyLeader(), follower.raft.addVoter('d', 'd')]) {
    expect(await fate(call)).toBe('ERR_RAFT_NOT_LEADER rejected')
  }
  await cluster.stop()
})

describe('protocol versions', () => {
  const unsupported = 'ERR_RAFT_UNSUPPORTED_PROTOCOL rejected'

  test('1: only the calls by address', async () => {
    const { cluster, member } = await one({ protocolVersion: 1 })
    const { raft } = member
    expect(await fate(raft.addVoter('b', 'b'))).toBe(unsupported)
    expect(await fate(raft.removeServer('b'))).toBe(unsupported)
    expect(await fate(raft.addNonvoter('b', 'b'))).toBe(unsupported)
    expect(await fate(raft.leadershipTransfer())).toBe(unsupported)
    const added = raft.addPeer('b')
    await cluster.add('b', { protocolVersion: 1 }).start(cluster)
    await cluster.wait(added)
    await cluster.wait(raft.removePeer('b'))
    expect(raft.getConfiguration().configuration.servers).toHaveLength(1)
    await cluster.stop()
  })

  test('2: also the voters by ID', async () => {
    const { cluster, member } = await one({ protocolVersion: 2 })
    const { raft } = member
    expect(await fate(raft.addNonvoter('b', 'b'))).toBe(unsupported)
    expect(await fate(raft.demoteVoter('a'))).toBe(unsupported)
    const added = raft.addVoter('b', 'b')
    await cluster.add('b', { protocolVersion: 2 }).start(cluster)
    await cluster.wait(added)
    await cluster.wait(raft.removeServer('b'))
    await cluster.stop()
  })

  test('3: all but the calls by address', async () => {
    const { cluster, member } = await one()
    expect(await fate(member.raft.addPeer('b'))).toBe(unsupported)
    expect(await fate(member.raft.removePeer('b'))).toBe(unsupported)
    await cluster.stop()
  })
})

test('a leader that takes itself out stops, or goes on as a follower', async () => {
  for (const shutdownOnRemove of [true, false]) {
    const cluster = await Cluster.start(3, { shutdownOnRemove })
    const leader = await cluster.leader()
    await cluster.wait(leader.raft.removeServer(leader.id))
    await cluster.clock.advance(100)
    expect(leader.raft.state).toBe(shutdownOnRemove ? 'Shutdown' : 'Follower')
    expect(leader.raft.failure).toBeUndefined()
    expect(await cluster.leader()).not.toBe(leader)
    await cluster.stop()
  }
})
