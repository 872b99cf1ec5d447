import type { SimulatedServer } from '../simulated-server.ts'
import type { Regression } from './regression.ts'
import type { Stage } from './stage.ts'

type Server = SimulatedServer<string>

async function remove(stage: Stage, leader: Server, server: Server): Promise<void> {
  const { id } = server
  const fate = await stage.end(stage.call(leader, (calls) => calls.change('remove', (raft) => raft.removeServer(id))))
  stage.expect('value' in fate, `${id} is not removed`)
}

/** Plays about who is a member, and who has a vote. */
export const membershipRegressions: readonly Regression[] = [
  {
    name: '524',
    title: 'A server that was removed disturbs the others',
    source: 'hashicorp/raft #477, #524, #526',
    story:
      'A server is cut off, removed, and heals without knowing that it is no member any more: it campaigns in vain, for long.',
    broken: 'Its higher term unseats the leader, again and again (L1, L4).',
    plan: { servers: 4, config: { preVoteDisabled: true, shutdownOnRemove: false } },
    async play(stage) {
      const leader = await stage.leader()
      await stage.write(leader)
      await stage.same()
      const [gone] = stage.others(leader)
      stage.cut([gone!])
      await stage.pass(5_000)
      await remove(stage, leader, gone!)
      stage.say('nobody can tell it so for five seconds')
      await stage.pass(5_000)
      stage.heal()
      const term = leader.inspection?.term
      await stage.pass(10_000)
      stage.expect(leader.isLeading && leader.inspection?.term === term, `${gone!.id} has unseated ${leader.id}`)
      await stage.write(leader)
    },
  },
  {
    name: 'H11',
    title: 'A server is removed, loses its disk, and is added again under its old ID',
    source: 'raft-rs #571, etcd raft #349',
    story:
      'Answers of a follower are held back on their way. It is removed and loses its disk, is added again in the same term, ' +
      'and only then do the answers of its former life arrive.',
    broken: 'They count for its new life: the leader commits what no majority has (S10, S5).',
    plan: { servers: 3, network: { minimumDelay: 0.2, meanDelay: 5, loss: 0, duplication: 0.3 } },
    async play(stage) {
      const leader = await stage.leader()
      const [wiped] = stage.others(leader)
      await stage.write(leader, 5)
      await stage.same()
      const { network, clock } = stage.simulation
      network.links.clog(wiped!.address, leader.address, clock.now() + 300)
      stage.say(`what ${wiped!.id} answers is held back`)
      await stage.write(leader, 3)
      await remove(stage, leader, wiped!)
      wiped!.crash()
      wiped!.disk.wipe()
      stage.say(`${wiped!.id} has lost its disk`)
      wiped!.start()
      await stage.add(leader, wiped!)
      await stage.write(leader, 3)
      await stage.same()
    },
  },
  {
    name: 'namesake',
    title: 'A new server at the address of an old one counts as the old one',
    source: 'hashicorp/raft v1.7.3: the header of an answer is not looked at',
    story:
      'A follower is gone, and before anybody has removed it a new server, under another ID, is started at its address. The ' +
      'other follower is cut off.',
    broken:
      'The leader takes the answers of the new one for those of a voter: it commits what no majority has (S10, S12).',
    plan: { servers: 3, spares: 1 },
    async play(stage) {
      const fresh = stage.server('n4')
      const leader = await stage.leader()
      const [gone, other] = stage.others(leader, fresh)
      await stage.write(leader, 3)
      await stage.same(stage.others(fresh))
      const { address } = fresh
      gone!.crash()
      fresh.crash()
      fresh.address = gone!.address
      fresh.start()
      stage.say(`${fresh.id} is where ${gone!.id} was`)
      stage.cut([other!])
      await stage.refuse(leader)
      stage.heal()
      fresh.crash()
      fresh.address = address
      gone!.start()
      await stage.write(await stage.leader())
      await stage.same(stage.others(fresh))
    },
  },
  {
    name: '308',
    title: 'The lease counts servers without a vote',
    source: 'hashicorp/raft #308',
    story: 'A leader of three voters hears only the two members that have no vote.',
    broken: 'It believes that a majority hears it, and stays for ever a leader that can commit nothing (S12, L5).',
    plan: { servers: 3, spares: 2 },
    async play(stage) {
      const leader = await stage.leader(stage.servers.slice(0, 3))
      const learners = stage.servers.slice(3)
      for (const learner of learners) await stage.add(leader, learner, false)
      await stage.write(leader)
      const voters = stage.servers.slice(0, 3).filter((server) => server !== leader)
      stage.cut(voters, [leader, ...learners])
      await stage.until(`${leader.id} steps down`, () => !leader.isLeading, 2 * leader.config.leaderLeaseTimeout)
      await stage.leader(voters)
      stage.heal()
      await stage.same()
    },
  },
  {
    name: '398',
    title: 'Leadership is handed to a server without a vote',
    source: 'hashicorp/raft #398',
    story: 'The only member that has everything has no vote, and the leader is asked to hand over to whoever is best.',
    broken: 'It picks that one, which can never lead (L6).',
    plan: { servers: 3, spares: 1 },
    async play(stage) {
      const leader = await stage.leader(stage.servers.slice(0, 3))
      const [learner] = stage.servers.slice(3)
      await stage.add(leader, learner!, false)
      const voters = stage.servers.slice(0, 3).filter((server) => server !== leader)
      for (const voter of voters)
        stage.simulation.network.links.clog(leader.address, voter.address, stage.simulation.clock.now() + 100)
      const write = stage.begin(leader)
      await stage.pass(20)
      await stage.end(stage.call(leader, (calls) => calls.transfer(undefined)))
      await stage.end(write)
      const next = await stage.leader()
      stage.expect(next !== learner, `${learner!.id} leads without a vote`)
      await stage.write(next)
      await stage.same()
    },
  },
  {
    name: '419',
    title: 'A member moves to a new address while entries are sent to the old one',
    source: 'hashicorp/raft #419, #471',
    story:
      'A follower is stopped, comes back elsewhere, and the leader is told so under load. Another server takes the old address.',
    broken: 'What is sent goes on to the old address, or one server is taken for the other (S11, S10).',
    plan: { servers: 3, spares: 1 },
    async play(stage) {
      const leader = await stage.leader(stage.servers.slice(0, 3))
      const [moved] = stage.servers.slice(0, 3).filter((server) => server !== leader)
      const spare = stage.servers[3]!
      await stage.write(leader, 3)
      const writes = [1, 2, 3].map(() => stage.begin(leader))
      moved!.crash()
      spare.crash()
      spare.address = moved!.address
      moved!.address = 'elsewhere'
      moved!.start()
      spare.start()
      stage.say(`${moved!.id} is at ${moved!.address} now, and ${spare.id} where it was`)
      await stage.add(leader, moved!)
      writes.push(stage.begin(leader))
      await stage.add(leader, spare)
      for (const write of writes) await stage.end(write)
      await stage.write(leader, 3)
      await stage.same()
    },
  },
]
