import type { Regression } from './regression.ts'

/** Plays about elections, and about handing leadership over. */
export const leadershipRegressions: readonly Regression[] = [
  {
    name: '695',
    title: 'A deposed leader stamps its entries with the new term',
    source: 'hashicorp/raft #695',
    story:
      'The disk of a leader hangs while it takes writes, and it is cut off. The others elect another leader. When the cut ' +
      'ends, a heartbeat of the new leader reaches the old one in the middle of its writes.',
    broken: 'Entries of the old leader carry the new term: two histories with the same terms (S1, S3, S4, S14).',
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old, 3)
      stage.say(`the disk of ${old.id} hangs, and three more writes begin`)
      old.disk.hang()
      const writes = [1, 2, 3].map(() => stage.begin(old))
      await stage.pass(5)
      stage.cut([old])
      old.disk.release()
      const next = await stage.leader(stage.others(old))
      await stage.write(next, 2)
      old.disk.hang()
      writes.push(stage.begin(old))
      stage.heal()
      await stage.pass(2_000)
      old.disk.release()
      for (const write of writes) await stage.end(write)
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
  {
    name: '696',
    title: 'Writes are refused for ever after a transfer that was cut short',
    source: 'hashicorp/raft #696',
    story:
      'A leader is asked to hand over to a server that it cannot reach, and loses its office meanwhile. Later it is elected ' +
      'again, by a transfer from its successor.',
    broken: 'The mark of the first transfer is still there: the leader refuses every write (L6).',
    async play(stage) {
      const old = await stage.leader()
      const [target, other] = stage.others(old) as [typeof old, typeof old]
      stage.cut([target])
      await stage.write(old)
      stage.say(`${old.id} is asked to hand over to ${target.id}`)
      const transfer = stage.call(old, (calls) => calls.transfer(target))
      stage.cut([old])
      await stage.end(transfer)
      await stage.until(`${old.id} loses its office`, () => !old.isLeading)
      target.crash()
      stage.heal()
      if ((await stage.leader([old, other])) === other) {
        await stage.end(stage.call(other, (calls) => calls.transfer(old)))
        await stage.leader([old])
      }
      await stage.write(old, 3)
      target.start()
      await stage.same()
    },
  },
  {
    name: '661',
    title: 'A crash between storing the term and storing the vote',
    source: 'hashicorp/raft #661',
    story:
      'A voter is killed at each step of storing its vote, and started again, in one election after the other; log and vote ' +
      'are in separate files.',
    broken: 'The new term is stored with the old candidate: who asks again gets a second vote, unexamined (S2, S7).',
    plan: { diskKind: { atomicWrite: false } },
    async play(stage) {
      for (const step of ['begun', 'durable', 'told', 'begun', 'durable', 'told'] as const) {
        const leader = await stage.leader()
        await stage.write(leader)
        await stage.same()
        const [voter] = stage.others(leader)
        leader.crash()
        stage.say(`${leader.id} is gone; ${voter!.id} will be killed when the write of its vote is '${step}'`)
        let killed = false
        voter!.crashAt(step, 0, () => (killed = true))
        await stage.until(`${voter!.id} is killed`, () => killed)
        voter!.start()
        leader.start()
      }
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
  {
    name: '605',
    title: 'With pre-votes, nobody wins after the leader is lost',
    source: 'hashicorp/raft #605, #606, #609',
    story:
      'A server that misses entries hears nobody but is heard: it asks for pre-votes all the time. Then the leader is killed, ' +
      'and the other server must win by the vote of the one that cannot.',
    broken: 'Promises to the one that cannot win put off the elections of the one that can: there is no leader (L1).',
    plan: { servers: 4 },
    async play(stage) {
      const leader = await stage.leader()
      const [stale, ...able] = stage.others(leader)
      for (const other of [leader, ...able]) stage.cutOneWay(other, stale!)
      await stage.write(leader, 5)
      await stage.pass(10_000)
      stage.expect(leader.isLeading, `${leader.id} was disturbed by pre-votes`)
      stage.heal()
      stage.cut([stale!], able.slice(0, 1))
      leader.crash()
      stage.say(`${leader.id} is gone`)
      await stage.until('another one leads', () => stage.others(leader).some(({ isLeading }) => isLeading), 10_000)
      await stage.write(await stage.leader(stage.others(leader)))
      leader.start()
      stage.heal()
      await stage.same()
    },
  },
  {
    name: '570',
    title: 'A failed transfer is remembered in a later election',
    source: 'hashicorp/raft #515, #517, #570, #487',
    story:
      'A server is told to campaign, cannot reach anybody, and is asked again much later by nobody: its next candidacy is an ' +
      'ordinary one.',
    broken: 'Its requests still claim to be a transfer, and unseat a leader that everybody hears (L4).',
    async play(stage) {
      const leader = await stage.leader()
      const [target] = stage.others(leader)
      await stage.write(leader)
      await stage.same()
      stage.cutOneWay(target!, leader)
      for (const other of stage.others(leader, target!)) stage.cutOneWay(target!, other)
      await stage.end(stage.call(leader, (calls) => calls.transfer(target)))
      await stage.pass(3_000)
      stage.cut([target!])
      await stage.pass(5_000)
      const term = (await stage.leader(stage.others(target!))).inspection?.term ?? 0
      const claims: number[] = []
      const { observer } = stage.simulation.network
      const requesting = observer?.requesting?.bind(observer)
      observer!.requesting = (message) => {
        const { command, from } = message
        const claim = 'leadershipTransfer' in command && command.leadershipTransfer
        if (claim && from.localAddress === target!.address) claims.push(command.term)
        return requesting?.(message)
      }
      stage.heal()
      await stage.pass(5_000)
      stage.expect(
        claims.length === 0,
        `${target!.id} campaigns as if it had been asked to, in terms ${claims.join(', ')}`,
      )
      stage.say(`the cluster was in term ${term}`)
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
  {
    name: '94',
    title: 'A longer log of an older term wins a vote',
    source: 'hashicorp/raft #94; liferaft #6, #8',
    story:
      'A leader that is cut off goes on taking writes that nobody has, so that its log is longer than all others. The rest ' +
      'commits less, in a newer term. Then only it and one of the others are left.',
    broken: 'The longer log wins, and what was acknowledged is overwritten (S6, S7, S5).',
    plan: { config: { leaderLeaseTimeout: 1_000 } },
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old)
      stage.cut([old])
      const lost = Array.from({ length: 20 }, () => stage.begin(old))
      const next = await stage.leader(stage.others(old))
      await stage.write(next, 3)
      await stage.same(stage.others(old))
      for (const write of lost) await stage.end(write)
      next.crash()
      stage.heal()
      const winner = await stage.leader(stage.others(next))
      stage.expect(winner !== old, `${old.id} wins without what was acknowledged`)
      await stage.write(winner)
      next.start()
      await stage.same()
    },
  },
  {
    name: '163a55f',
    title: 'Half of an even number of servers is taken for a majority',
    source: 'hashicorp/raft 163a55f',
    story: 'Of four servers two are cut off with the leader: neither half is a majority.',
    broken: 'The leader commits with its one follower, and both halves have a leader (S1, S5).',
    plan: { servers: 4 },
    async play(stage) {
      const leader = await stage.leader()
      await stage.write(leader)
      const [mate, ...rest] = stage.others(leader)
      stage.cut([leader, mate!], rest)
      await stage.refuse(leader)
      await stage.pass(10_000)
      stage.expect(!stage.servers.some(({ isLeading }) => isLeading), 'half of the servers have a leader')
      stage.heal()
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
]
