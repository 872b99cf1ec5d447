import { equal, rejects } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { Bench, bytes, type Member } from './bench.ts'

const UNSUPPORTED = { code: 'ERR_RAFT_UNSUPPORTED_PROTOCOL' }

describe('a request of a protocol version that is not understood is refused', () => {
  for (const [own, version] of [
    [3, 4],
    [3, 1],
  ] as const) {
    test(`version ${version}, by a server at ${own}`, async () => {
      await using bench = await Bench.start(2, { config: { protocolVersion: own } })
      const leader = await bench.leader()
      const [follower] = await bench.others()
      const header = { protocolVersion: version, id: bytes(leader.id), address: bytes(leader.id) }
      const request = {
        header,
        candidate: header.address,
        term: 99,
        lastLogIndex: 99,
        lastLogTerm: 99,
        leadershipTransfer: true,
      }
      const { currentTerm } = follower!.raft
      const answer = bench.settle(leader.transport.requestVote(follower!.peer, request))
      await rejects(answer, {
        code: 'ERR_RAFT_REMOTE',
        message: /operation not supported with current protocol version/,
      })
      equal(follower!.raft.currentTerm, currentTerm)
    })
  }
})

test('a server at version 2 joins a cluster at 1: only the calls by address work', async () => {
  await using bench = await Bench.start(1, { config: { protocolVersion: 1 } })
  const leader = await bench.leader()
  await bench.apply(leader, 1)
  await bench.join('j', { config: { protocolVersion: 2 } })
  await rejects(bench.settle(leader.raft.addVoter('j', 'j')), UNSUPPORTED)
  await rejects(bench.settle(leader.raft.removeServer('j')), UNSUPPORTED)
  await bench.settle(leader.raft.addPeer('j'))
  await bench.same(bench.members, 1)
  equal(await bench.samePeers(), 'a:Voter j:Voter')
  await bench.settle(leader.raft.removePeer('j'))
  equal(await bench.samePeers([leader]), 'a:Voter')
})

test('a server at version 3 joins a cluster at 2: it is added by ID and removed by address', async () => {
  await using bench = await Bench.start(1, { config: { protocolVersion: 2 } })
  const leader = await bench.leader()
  await bench.apply(leader, 1)
  await bench.join('j', { config: { protocolVersion: 3 } })
  await bench.settle(leader.raft.addVoter('j', 'j'))
  await bench.same(bench.members, 1)
  equal(await bench.samePeers(), 'a:Voter j:Voter')
  await bench.settle(leader.raft.removePeer('j'))
  equal(await bench.samePeers([leader]), 'a:Voter')
})

describe('servers are replaced one by one under load, and the cluster always has a leader', () => {
  const ways = [
    { from: true, to: false, leave: 'removal', why: 'pre-vote is switched on, each leaves by removal' },
    { from: true, to: false, leave: 'transfer', why: 'pre-vote is switched on, each hands over first' },
    { from: false, to: true, leave: 'removal', why: 'pre-vote is switched off again, each leaves by removal' },
    { from: false, to: true, leave: 'transfer', why: 'pre-vote is switched off again, each hands over first' },
  ] as const
  for (const { from, to, leave, why } of ways) {
    test(why, async () => {
      await using bench = await Bench.start(3, { config: { preVoteDisabled: from, shutdownOnRemove: false } })
      let count = 0
      for (const member of [...bench.members]) {
        let leader = await bench.leader()
        await bench.apply(leader, 10)
        count += 10
        if (leader === member && leave === 'transfer') await bench.settle(leader.raft.leadershipTransfer())
        leader = await bench.leader()
        if (leave === 'removal') {
          await bench.settle(leader.raft.removeServer(member.id))
          await bench.restart(member, { preVoteDisabled: to })
          leader = await bench.leader()
          await bench.settle(leader.raft.addVoter(member.id, member.id))
        } else {
          await bench.restart(member, { preVoteDisabled: to })
        }
        await bench.same(bench.members, count)
      }
      await bench.apply(await bench.leader(), 1)
      await bench.same(bench.members, count + 1)
      equal((await bench.samePeers()).split(' ').length, 3)
    })
  }
})

describe('protocol versions are raised in place, one server after the other, under load', () => {
  for (const [from, to] of [
    [1, 2],
    [2, 3],
  ] as const) {
    for (const last of [true, false]) {
      test(`from ${from} to ${to}, the leader ${last ? 'last' : 'first'}`, async () => {
        await using bench = await Bench.start(3, { config: { protocolVersion: from } })
        const leader = await bench.leader()
        const others = bench.members.filter((member) => member !== leader)
        let count = 0
        for (const member of last ? [...others, leader] : [leader, ...others]) {
          await bench.apply(await bench.leader(), 10)
          count += 10
          await bench.restart(member, { protocolVersion: to })
          await bench.apply(await bench.leader(), 10)
          count += 10
          await bench.same(bench.members, count)
        }
        equal(await bench.samePeers(), 'a:Voter b:Voter c:Voter')
      })
    }
  }
})

/** Old servers cannot be told to hand over: whoever else leads is stopped until it is this one. */
async function letLead(bench: Bench, member: Member): Promise<void> {
  for (let leader = await bench.leader(); leader !== member; leader = await bench.leader()) {
    await bench.stop(leader)
    await bench.until(() => bench.members.some(({ raft }) => raft.state === 'Leader'), 'another one leads')
    await bench.launch(leader)
  }
}

describe('servers of neighbouring protocol versions are one cluster', () => {
  for (const versions of [
    [1, 2, 2],
    [2, 2, 3],
    [2, 3, 3],
  ] as const) {
    test(`${versions.join(', ')}: each of them leads the others, and sends them its snapshot`, async () => {
      await using bench = await Bench.start(3, { config: { protocolVersion: versions[0], trailingLogs: 0 } })
      for (const [at, member] of bench.members.entries())
        await bench.restart(member, { protocolVersion: versions[at]! })
      let count = 0
      for (const member of bench.members) {
        await letLead(bench, member)
        const behind = bench.members.find((other) => other !== member)!
        await bench.stop(behind)
        await bench.apply(member, 5)
        count += 5
        await bench.settle(member.raft.snapshot())
        await bench.launch(behind)
        await bench.same(bench.members, count)
        equal(behind.snapshots.list()[0]?.index, member.snapshots.list()[0]?.index)
      }
    })
  }
})
