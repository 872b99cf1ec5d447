import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { Bench, bytes, fate, type Member } from './bench.ts'

/** A request for a vote as a test makes it by hand: a much newer term, and a log that is as good as any. */
function voteFrom({ id }: Member, to: Member, more: { term?: number; leadershipTransfer?: boolean } = {}) {
  const address = bytes(id)
  return {
    header: { protocolVersion: 3, id: address, address },
    candidate: address,
    term: to.raft.currentTerm + 10,
    lastLogIndex: to.raft.lastIndex,
    lastLogTerm: to.raft.currentTerm,
    leadershipTransfer: false,
    ...more,
  }
}

test('a leader that is cut off is replaced in a higher term; what it could not commit is lost with it', async () => {
  await using bench = await Bench.start(3)
  const old = await bench.leader()
  await bench.apply(old, 1, 'first')
  await bench.same()
  const { currentTerm } = old.raft
  bench.cut(old)
  const lost = fate(old.raft.apply(bytes('lost')))
  await bench.until(() => old.raft.state !== 'Leader', 'it steps down')
  const fresh = await bench.leader()
  ok(fresh.raft.currentTerm > currentTerm)
  await bench.apply(fresh, 1, 'second')
  ok(['ERR_RAFT_LEADERSHIP_LOST', 'ERR_RAFT_NOT_LEADER'].includes(await bench.settle(lost)))
  bench.heal()
  deepEqual(await bench.same(bench.members, 2), ['first 0', 'second 0'])
})

test('a leader of two that loses the other steps down within two leases; nobody leads, and nobody is named', async () => {
  await using bench = await Bench.start(2)
  const leader = await bench.leader()
  const [follower] = await bench.others()
  const changes = leader.raft.leadershipChanges()
  equal((await bench.settle(changes.next())).value, true)
  bench.cut(leader)
  const since = bench.clock.now()
  equal((await bench.settle(changes.next())).value, false)
  ok(bench.clock.now() - since <= 2 * leader.config.leaderLeaseTimeout)
  const contact = follower!.raft.lastContact
  await bench.clock.advance(1_000)
  ok(bench.members.every(({ raft }) => raft.state !== 'Leader' && raft.leader === undefined))
  deepEqual(follower!.raft.lastContact, contact)
})

test('every server knows the address and the ID of the leader', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  await bench.apply(leader, 5)
  await bench.same(bench.members, 5)
  for (const { raft } of bench.members) deepEqual(raft.leader, leader.peer)
  equal(await bench.samePeers(), 'a:Voter b:Voter c:Voter')
})

test('a follower of a live leader votes for that leader, for no other, and for another that was handed the leadership', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower, other] = (await bench.others()) as [Member, Member]
  const ask = async (from: Member, leadershipTransfer: boolean): Promise<boolean> => {
    const request = voteFrom(from, follower, { leadershipTransfer })
    return (await bench.settle(from.transport.requestVote(follower.peer, request))).granted
  }
  equal(await ask(other, false), false)
  equal(await ask(leader, false), true)
  equal(await ask(other, true), true)
})

test('a server that was removed gets no vote from those that are left, and they keep their term', async () => {
  await using bench = await Bench.start(3, { config: { shutdownOnRemove: false } })
  const leader = await bench.leader()
  const [removed, voter] = (await bench.others()) as [Member, Member]
  await bench.settle(leader.raft.removeServer(removed.id))
  await bench.until(() => voter.raft.getConfiguration().configuration.servers.length === 2, 'it knows')
  bench.cut(leader)
  await bench.until(() => voter.raft.state === 'Candidate', 'it looks for a leader')
  const { currentTerm } = voter.raft
  const response = await bench.settle(removed.transport.requestVote(voter.peer, voteFrom(removed, voter)))
  equal(response.granted, false)
  equal(voter.raft.currentTerm, currentTerm)
})

test('a non-voter whose term ran ahead joins, becomes a voter, and the cluster settles with its leader', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower] = (await bench.others()) as [Member]
  bench.cut(follower)
  await bench.settle(leader.raft.removeServer(follower.id))
  await bench.stop(follower)
  const raised = follower.raft.currentTerm + 20
  follower.store.set('VoteState', voteRecordOf(raised))
  await bench.launch(follower)
  // Its newer term costs the leader its office once, since its answers must be believed; then the change is made again.
  await bench.settle(fate(leader.raft.addNonvoter(follower.id, follower.id)))
  await bench.until(
    () => bench.members.some(({ raft }) => raft.state === 'Leader' && raft.currentTerm >= raised),
    'it leads',
  )
  const settled = await bench.leader()
  notEqual(settled.id, follower.id)
  await bench.settle(settled.raft.addNonvoter(follower.id, follower.id))
  await bench.apply(settled, 100)
  await bench.same(bench.members, 100)
  await bench.settle(settled.raft.addVoter(follower.id, follower.id))
  await bench.apply(settled, 100)
  await bench.same(bench.members, 200)
  equal((await bench.leader()).id, settled.id)
})

/** The record of a term in which nobody was voted for: version, nothing present, no ID, the term in eight bytes. */
function voteRecordOf(term: number): Uint8Array {
  const record = new Uint8Array(12)
  record[0] = 1
  new DataView(record.buffer).setBigUint64(4, BigInt(term))
  return record
}

test('a follower that is stopped and started quickly causes no election', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const { currentTerm } = leader.raft
  const [follower] = await bench.others()
  await bench.restart(follower!)
  await bench.clock.advance(250)
  equal(leader.raft.state, 'Leader')
  deepEqual(new Set(bench.members.map(({ raft }) => raft.currentTerm)), new Set([currentTerm]))
})

describe('a follower that hears nobody', () => {
  const cases = [
    ['campaigns if it is a voter', 'Voter', false],
    ['stays a follower if it has no vote', 'Nonvoter', true],
    ['stays a follower if it is not in the configuration', 'absent', true],
  ] as const
  for (const [what, suffrage, stays] of cases) {
    test(what, async () => {
      await using bench = await Bench.start(2, { suffrages: [suffrage, 'Voter'] })
      const [member, other] = bench.members
      await bench.stop(other!)
      await bench.clock.advance(500)
      equal(member!.raft.state === 'Follower', stays)
    })
  }
})

describe('servers with and without pre-vote replace a leader that is cut off', () => {
  for (const [on, off] of [
    [2, 3],
    [3, 2],
    [1, 2],
    [2, 1],
    [3, 0],
    [0, 3],
  ] as const) {
    test(`${on} with, ${off} without`, async () => {
      await using bench = await Bench.start(on + off)
      for (const member of bench.members.slice(0, off)) await bench.restart(member, { preVoteDisabled: true })
      const first = await bench.leader()
      bench.cut(first)
      await bench.until(
        () => bench.members.some((one) => one !== first && one.raft.state === 'Leader'),
        'another leads',
      )
    })
  }
})

test('a follower that was away for long comes back: the leader and the term are what they were', async () => {
  await using bench = await Bench.start(5)
  const leader = await bench.leader()
  const { currentTerm } = leader.raft
  const [follower] = await bench.others()
  bench.cut(follower!)
  await bench.clock.advance(5_000)
  bench.heal()
  await bench.clock.advance(500)
  equal((await bench.leader()).id, leader.id)
  equal(follower!.raft.currentTerm, currentTerm)
})

test('a promise of a vote is given to the known leader, and to no other', async () => {
  await using bench = await Bench.start(3)
  const leader = await bench.leader()
  const [follower, other] = (await bench.others()) as [Member, Member]
  const ask = async (from: Member): Promise<boolean> => {
    const request = voteFrom(from, follower)
    return (await bench.settle(from.transport.requestPreVote(follower.peer, request))).granted
  }
  equal(await ask(leader), true)
  equal(await ask(other), false)
})

test('a flood of pre-votes of an old leader does not keep the others from electing one of themselves', async () => {
  await using bench = await Bench.start(3)
  const spammer = await bench.leader()
  const others = (await bench.others()) as [Member, Member]
  // It hears nothing and replicates nothing, but what it asks for arrives.
  const isHeard = new Set(others.map(({ id }) => id))
  for (const { transport } of others) transport.disconnect(spammer.id)
  const flood = async (): Promise<void> => {
    for (const other of others) {
      const request = { ...voteFrom(spammer, other), term: other.raft.currentTerm + 1 }
      if (isHeard.has(other.id)) spammer.transport.requestPreVote(other.peer, request).catch(() => undefined)
    }
    await bench.clock.advance(10)
  }
  await bench.stop(spammer)
  await bench.launch(spammer, { heartbeatTimeout: 60_000, electionTimeout: 60_000 })
  for (let round = 0; round < 200 && others.every(({ raft }) => raft.state !== 'Leader'); round++) await flood()
  ok(others.some(({ raft }) => raft.state === 'Leader'))
  await rejects(bench.settle(spammer.raft.apply(bytes('x'))), { code: 'ERR_RAFT_NOT_LEADER' })
})
