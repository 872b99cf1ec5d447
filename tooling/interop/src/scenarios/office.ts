// Who leads: elections, hand-overs, and what must not cost a leader its office.
import { claim, pause } from '../cluster/wait.ts'
import { other, type Scenario } from './scenario.ts'

const heartbeat = 400

/** The leader is killed; the others go on, and it comes back as a follower. */
const election: Scenario = {
  name: 'election when the leader is killed',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    const before = await leader.control.stats()
    await leader.control.put(`${mark}-before`, 'x')
    await leader.kill()
    const next = await cluster.leader()
    const { term } = await next.control.stats()
    claim(term > before.term, 'the term did not grow')
    await next.control.put(`${mark}-after`, 'x')
    await leader.start()
    await cluster.settled()
    claim((await leader.control.get(`${mark}-after`)) !== null, 'the old leader did not get the new entry')
  },
}

const transfer: Scenario = {
  name: 'hand-over to the other kind and back',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    const target = cluster.ofKind(other(leader.kind))[0]
    claim(target !== undefined, 'there is no other kind')
    await leader.control.put(`${mark}-1`, 'x')
    await leader.control.transfer(target.place)
    const second = await cluster.leader()
    claim(second === target, () => `${second.id} leads, not ${target.id}`)
    await second.control.put(`${mark}-2`, 'x')
    await second.control.transfer(leader.place)
    const third = await cluster.leader()
    claim(third === leader, () => `${third.id} leads, not ${leader.id}`)
    // Without a target: to whom the leader likes.
    await leader.control.transfer()
    claim((await cluster.leader()) !== leader, 'the leader kept its office')
    await cluster.settled()
  },
}

const idle: Scenario = {
  name: 'heartbeats keep leader and term',
  leaders: 'each',
  async play({ cluster, leader }) {
    const before = await leader.control.stats()
    await pause(heartbeat * 4)
    for (const { id, term, leader: known } of await cluster.statsOfAll()) {
      claim(term === before.term && known === leader.id, `${id} is in term ${term} and follows ${known}`)
    }
  },
}

/** A follower that slept has an old idea of who leads, asks first, and is told that nothing is amiss. */
const preVote: Scenario = {
  name: 'pre-vote: a follower that slept disturbs nobody',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader }) {
    for (const kind of ['ts', 'go'] as const) {
      const sleeper = cluster.ofKind(kind).find((peer) => peer !== leader)
      if (sleeper === undefined) continue
      const before = await leader.control.stats()
      sleeper.pause()
      // The longest that it waits before it campaigns is twice the timeout.
      await pause(heartbeat * 2.3)
      sleeper.resume()
      await pause(heartbeat * 2)
      const after = await cluster.leader()
      const { term } = await after.control.stats()
      claim(after === leader && term === before.term, `${sleeper.id} slept: ${after.id} leads in term ${term}`)
    }
  },
}

const reads: Scenario = {
  name: 'barrier and verifyLeader',
  leaders: 'each',
  async play({ cluster, leader, mark }) {
    await leader.control.put(mark, 'x')
    await leader.control.barrier()
    claim((await leader.control.get(mark)) !== null, 'the barrier came before the entry')
    await leader.control.verify()
    for (const peer of cluster.others(leader)) {
      const refused = await peer.control.verify().catch((error: unknown) => error)
      claim(String(refused).includes('ERR_RAFT_NOT_LEADER'), `${peer.id} verified that it leads`)
    }
    if (leader.kind === 'ts') claim(await leader.control.ask<boolean>('/read', { key: mark }), 'the read was stale')
  },
}

/** Scenarios about leadership. */
export const officeScenarios: readonly Scenario[] = [election, transfer, idle, preVote, reads]
