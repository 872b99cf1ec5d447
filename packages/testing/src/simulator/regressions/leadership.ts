import type { Regression } from './regression.ts'

/** Plays about elections, and about handing leadership over. */
export const leadershipRegressions: readonly Regression[] = [
  {
    name: '695',
    title: 'A deposed leader stamps its entries with the new term',
    source: 'hashicorp/raft #695; eliben/raft #13',
    story:
      'A leader is paused, and the others elect another one. Writes and heartbeats of the new leader wait for the old one, ' +
      'mixed; then it goes on, and meets them one after the other before it has judged its lease.',
    broken:
      'A heartbeat changes its term in the middle of its writes: its entries carry the new one (S1, S3, S4, S14).',
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old, 3)
      await stage.same()
      old.process!.pause()
      stage.say(`${old.id} is paused`)
      const writes = [stage.begin(old)]
      const next = await stage.leader(stage.others(old))
      for (let round = 0; round < 3; round++) {
        writes.push(stage.begin(old))
        await stage.pass(150)
      }
      await stage.write(next, 2)
      writes.push(stage.begin(old), stage.begin(old))
      stage.say(`${old.id} goes on`)
      old.process!.resume()
      for (const write of writes) await stage.end(write)
      await stage.write(await stage.leader(), 2)
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
    source: 'hashicorp/raft #661; spec 9.1 Q14',
    story:
      'A server that voted for a leader is asked for its vote in a newer term by another one, and is killed at a step of ' +
      'storing that; log and vote are in separate files. Started again, it is asked by the old leader, whose log is empty by ' +
      'now, for a vote in the same newer term.',
    broken:
      'The new term is on disk with the old candidate: the old leader is taken to have the vote already (S2, S7).',
    plan: { diskKind: { atomicWrite: false } },
    async play(stage) {
      for (const step of ['begun', 'durable', 'told'] as const) {
        const old = await stage.leader()
        const [voter, other] = stage.others(old) as [typeof old, typeof old]
        await stage.write(old)
        await stage.same()
        for (const { id } of [old, other]) stage.server(id).crash()
        // Until it has missed the leader for long enough, it votes for nobody.
        await stage.pass(1_500)
        const term = (voter.inspection?.term ?? 0) + 5
        const end = { lastLogIndex: 1_000, lastLogTerm: term - 1 }
        let killed = false
        voter.crashAt(step, 0, () => (killed = true))
        stage.say(`${other.id} asks ${voter.id} for its vote in term ${term}; it is killed when the write is '${step}'`)
        stage.askForVote(other, voter, { term, ...end }).catch(() => {})
        await stage.until(`${voter.id} is killed`, () => killed)
        voter.start()
        await stage.until(`${voter.id} is up`, () => voter.raft !== undefined)
        stage.say(`${old.id} asks ${voter.id} for its vote in term ${term}, with an empty log`)
        const granted = await stage.askForVote(old, voter, { term, lastLogIndex: 0, lastLogTerm: 0 })
        stage.expect(!granted, `${voter.id} gives its vote to ${old.id}, which has nothing`)
        for (const { id } of [old, other]) stage.server(id).start()
        await stage.pass(8_000)
      }
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
  {
    name: '609',
    title: 'With pre-votes, nobody wins after the leader is lost',
    source: 'hashicorp/raft #605, #606, #609',
    story:
      'One of five servers hears nobody, but is heard: it asks for promises of votes all the time, and never learns that it ' +
      'has them. Then the leader is killed.',
    broken: 'Each promise puts off the elections of those that give it: there is no leader for long (L1).',
    plan: { servers: 5 },
    async play(stage) {
      const leader = await stage.leader()
      await stage.write(leader)
      await stage.same()
      const [deaf, ...able] = stage.others(leader)
      for (const other of [leader, ...able]) stage.cutOneWay(other, deaf!)
      await stage.pass(5_000)
      stage.expect(leader.isLeading, `${leader.id} was disturbed by pre-votes`)
      leader.crash()
      stage.say(`${leader.id} is gone`)
      const { electionTimeout } = deaf!.config
      await stage.until('another one leads', () => able.some(({ isLeading }) => isLeading), 4 * electionTimeout)
      await stage.write(await stage.leader(able))
      leader.start()
      stage.heal()
      await stage.same()
    },
  },
  {
    name: '570',
    title: 'A failed transfer is remembered in a later election',
    source: 'hashicorp/raft #515, #517, #570',
    story:
      'A server is told to campaign, by a leader that hands over, and is heard by nobody. Later the leader is lost, and there ' +
      'is an ordinary election.',
    broken: 'Candidates still claim that leadership was handed to them, and unseat leaders that are well (L4).',
    async play(stage) {
      const leader = await stage.leader()
      const [target, other] = stage.others(leader) as [typeof leader, typeof leader]
      await stage.write(leader)
      await stage.same()
      const claims = new Set<number>()
      stage.listen(({ command }) => {
        if ('leadershipTransfer' in command && command.leadershipTransfer) claims.add(command.term)
      })
      stage.cutOneWay(target, leader)
      stage.cutOneWay(target, other)
      await stage.end(stage.call(leader, (calls) => calls.transfer(target)))
      await stage.pass(5_000)
      stage.heal()
      const last = await stage.leader()
      last.crash()
      await stage.write(await stage.leader(stage.others(last)))
      last.start()
      stage.say(`a transfer was claimed in term ${[...claims].join(', ')}`)
      stage.expect(claims.size === 1, `a transfer was claimed in terms ${[...claims].join(', ')}, and there was one`)
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
