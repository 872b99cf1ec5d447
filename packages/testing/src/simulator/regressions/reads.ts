import type { Regression } from './regression.ts'

/** Plays about reads that must be current. */
export const readRegressions: readonly Regression[] = [
  {
    name: 'H2',
    title: 'An answer from before a pause confirms a read after it',
    source: 'hashicorp/raft v1.7.3 (verifyLeader); etcd #20418',
    story:
      'A leader is paused with requests under way. Another one is elected and writes. The old leader goes on, finds the ' +
      'answers that came in meanwhile, and is asked for a read at once.',
    broken: 'The old answers confirm that it still leads: it reads what is no longer so (R1, R2).',
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old, 3)
      await stage.same()
      await stage.until('a heartbeat is under way', () => (old.inspection?.progress?.size ?? 0) > 0)
      await stage.pass(100)
      old.process!.pause()
      stage.say(`${old.id} is paused`)
      const next = await stage.leader(stage.others(old))
      await stage.write(next, 2)
      stage.say(`${old.id} goes on, and is asked for a read`)
      const read = stage.read(old)
      old.process!.resume()
      const fate = await read
      stage.expect('error' in fate, `${old.id} answers a read although ${next.id} leads`)
      await stage.same()
    },
  },
  {
    name: 'H1',
    title: 'Members without a vote confirm a read',
    source: 'hashicorp/raft v1.7.3 (verifyLeader)',
    story: 'A leader of three voters hears only the two members that have no vote, and is asked for a read.',
    broken: 'They are counted, and it answers with what may be no longer so (R2, S12).',
    plan: { servers: 3, spares: 2 },
    async play(stage) {
      const leader = await stage.leader(stage.servers.slice(0, 3))
      const learners = stage.servers.slice(3)
      for (const learner of learners) await stage.add(leader, learner, false)
      await stage.write(leader)
      await stage.same()
      const voters = stage.servers.slice(0, 3).filter((server) => server !== leader)
      stage.cut(voters, [leader, ...learners])
      const fate = await stage.read(leader)
      stage.expect('error' in fate, `${leader.id} answers a read that no voter has confirmed`)
      stage.heal()
      await stage.same()
    },
  },
]
