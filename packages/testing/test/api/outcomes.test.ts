import { deepEqual, equal, ok } from 'node:assert/strict'
import { LeadershipLostError, NotLeaderError, type Raft } from '@raft/core'
import { describe, test } from 'vitest'
import type { Cluster, ClusterNode, MockFSM } from '../../src/index.ts'
import { applyAll, bytes, failureOf, fate, simulated, text, wrapAppends } from './support.ts'

/** The commands that a node has applied. */
function applied({ fsm }: ClusterNode): readonly string[] {
  return (fsm as MockFSM).logs().map(text)
}

/** From now on the node's messages arrive, and no answer comes back. */
function loseAnswers(cluster: Cluster, node: ClusterNode): void {
  wrapAppends(cluster, node, async (send) => {
    await send()
    throw new Error('the answer is lost')
  })
}

async function three(): Promise<{ cluster: Cluster; leader: ClusterNode; others: readonly ClusterNode[] }> {
  const { cluster } = await simulated(3)
  const leader = await cluster.leader()
  await applyAll(cluster, leader.raft, ['first'])
  await cluster.ensureSame()
  return { cluster, leader, others: cluster.nodes.filter((node) => node !== leader) }
}

/** Waits until another node leads. */
async function successor(cluster: Cluster, others: readonly ClusterNode[]): Promise<ClusterNode> {
  await cluster.until(() => others.some(({ raft }) => raft.state === 'Leader'), 'another node leads')
  return others.find(({ raft }) => raft.state === 'Leader')!
}

describe('unknown is what was sent', () => {
  test('and was committed by the next leader all the same', async () => {
    const { cluster, leader, others } = await three()
    loseAnswers(cluster, leader)
    const failing = failureOf(leader.raft.apply(bytes('carried on')))
    const term = leader.raft.currentTerm
    const lost = await cluster.settle(failing)
    ok(lost instanceof LeadershipLostError)
    deepEqual([lost.outcome, lost.index, lost.term], ['unknown', leader.raft.lastIndex, term])
    const next = await successor(cluster, others)
    await applyAll(cluster, next.raft, ['after'])
    await cluster.until(
      () => others.every((node) => applied(node).join() === 'first,carried on,after'),
      'the command is applied although its caller was told of a failure',
    )
    await cluster.close()
  })

  test('and was overwritten by the next leader', async () => {
    const { cluster, leader, others } = await three()
    cluster.disconnect(leader.id)
    const lost = await cluster.settle(failureOf(leader.raft.apply(bytes('gone'))))
    ok(lost instanceof LeadershipLostError)
    equal(lost.outcome, 'unknown')
    const next = await successor(cluster, others)
    const { index } = await cluster.settle(next.raft.apply(bytes('instead')))
    // The index that it was told of is another command's by now.
    ok(index >= lost.index)
    cluster.reconnect(leader.id)
    await cluster.until(() => applied(leader).length === 2, 'the old leader follows')
    await cluster.ensureSame()
    for (const node of cluster.nodes) deepEqual(applied(node), ['first', 'instead'])
    await cluster.close()
  })

  test('and given up by its caller: it may be applied later', async () => {
    const { cluster, leader, others } = await three()
    loseAnswers(cluster, leader)
    const controller = new AbortController()
    const call = fate(leader.raft.apply(bytes('given up'), { signal: controller.signal }))
    await cluster.until(() => others.every(({ raft }) => raft.lastIndex === leader.raft.lastIndex), 'it has arrived')
    controller.abort()
    equal(await call, 'ABORTED unknown')
    const next = await successor(cluster, others)
    await applyAll(cluster, next.raft, ['after'])
    deepEqual(applied(next), ['first', 'given up', 'after'])
    await cluster.close()
  })

  test('and given up by its caller on a leader that is cut off: it is never applied', async () => {
    const { cluster, leader, others } = await three()
    cluster.disconnect(leader.id)
    const controller = new AbortController()
    const call = fate(leader.raft.apply(bytes('given up'), { signal: controller.signal }))
    await cluster.until(() => leader.store.lastIndex() > 3, 'it is in the log')
    controller.abort()
    equal(await call, 'ABORTED unknown')
    const next = await successor(cluster, others)
    await applyAll(cluster, next.raft, ['after'])
    cluster.reconnect(leader.id)
    await cluster.ensureSame()
    deepEqual(applied(leader), ['first', 'after'])
    await cluster.close()
  })

  test('a barrier, a change and a transfer under way when leadership is lost', async () => {
    const { cluster, leader } = await three()
    cluster.disconnect(leader.id)
    const calls = [leader.raft.barrier(), leader.raft.addNonvoter('d', 'd')].map((call) => fate(call))
    deepEqual(await cluster.settle(Promise.all(calls)), ['LEADERSHIP_LOST unknown', 'LEADERSHIP_LOST unknown'])
    await cluster.close()
  })

  test('a signal that comes after the end changes nothing', async () => {
    const { cluster, leader } = await three()
    cluster.disconnect(leader.id)
    const controller = new AbortController()
    const call = fate(leader.raft.apply(bytes('gone'), { signal: controller.signal }))
    await cluster.until(() => leader.raft.state !== 'Leader', 'the leader steps down')
    controller.abort()
    equal(await call, 'LEADERSHIP_LOST unknown')
    await cluster.close()
  })
})

describe('rejected is what was never sent', () => {
  test('by a signal before it is in the log: it is applied nowhere', async () => {
    const { cluster, leader } = await three()
    const controller = new AbortController()
    const call = fate(leader.raft.apply(bytes('never'), { signal: controller.signal }))
    controller.abort()
    equal(await call, 'ABORTED rejected')
    await applyAll(cluster, leader.raft, ['after'])
    await cluster.ensureSame()
    deepEqual(applied(leader), ['first', 'after'])
    await cluster.close()
  })

  test('by a node that no longer leads, which names who does once it knows', async () => {
    const { cluster, leader, others } = await three()
    cluster.disconnect(leader.id)
    await cluster.until(() => leader.raft.state !== 'Leader', 'the leader steps down')
    const early = await failureOf(leader.raft.apply(bytes('early')))
    ok(early instanceof NotLeaderError)
    deepEqual([early.outcome, early.leader], ['rejected', undefined])
    const next = await successor(cluster, others)
    cluster.reconnect(leader.id)
    await cluster.ensureLeader(next.id)
    const late = await failureOf(leader.raft.apply(bytes('late')))
    ok(late instanceof NotLeaderError)
    deepEqual(late.leader, { id: next.id, address: next.address })
    deepEqual(applied(next), ['first'])
    await cluster.close()
  })

  test('while leadership is handed over: commands, barriers and changes', async () => {
    const { cluster, leader, others } = await three()
    const target = others[0]!
    target.transport.setRPCHandler(() => undefined)
    const controller = new AbortController()
    const transfer = fate(
      leader.raft.leadershipTransferToServer(target.id, target.address, { signal: controller.signal }),
    )
    const { raft } = leader
    await cluster.until(() => raft.stats().state === 'Leader', 'the transfer is under way')
    const changes: readonly ((node: Raft<number>) => Promise<unknown>)[] = [
      (node) => node.apply(bytes('no')),
      (node) => node.barrier(),
      (node) => node.addVoter('d', 'd'),
      (node) => node.addNonvoter('d', 'd'),
      (node) => node.demoteVoter(target.id),
      (node) => node.removeServer(target.id),
      (node) => node.leadershipTransfer(),
      (node) => node.leadershipTransferToServer(target.id, target.address),
    ]
    const fates = Promise.all(changes.map((change) => fate(change(raft))))
    deepEqual(
      await cluster.settle(fates),
      changes.map(() => 'LEADERSHIP_TRANSFER_IN_PROGRESS rejected'),
    )
    controller.abort()
    equal(await transfer, 'ABORTED unknown')
    await cluster.close()
  })
})

describe('a read', () => {
  test('is refused, and never run, on a leader that cannot reach a majority', async () => {
    const { cluster, leader } = await three()
    cluster.disconnect(leader.id)
    let ran = false
    const reading = leader.raft.read(() => {
      ran = true
    })
    const failed = await cluster.settle(failureOf(reading))
    ok(['ERR_RAFT_LEADERSHIP_LOST', 'ERR_RAFT_NOT_LEADER'].includes(failed.code))
    ok(!ran)
    await cluster.close()
  })

  test('sees what was committed before it, without an entry of its own', async () => {
    const { cluster, leader } = await three()
    await applyAll(cluster, leader.raft, ['second'])
    const last = leader.raft.lastIndex
    deepEqual(await cluster.settle(leader.raft.read(() => applied(leader))), ['first', 'second'])
    equal(leader.raft.lastIndex, last)
    await cluster.close()
  })

  test('rejects with what its function throws', async () => {
    const { cluster, leader } = await three()
    const mine = new RangeError('mine')
    const failed = cluster.settle(
      leader.raft.read(() => {
        throw mine
      }),
    )
    equal(await failed.catch((error: unknown) => error), mine)
    await cluster.close()
  })
})
