import type { SimulatedServer } from '../simulated-server.ts'
import type { Regression } from './regression.ts'

type One = SimulatedServer<string>
type Five = [One, One, One, One, One]

/** Plays about disks. */
export const diskRegressions: readonly Regression[] = [
  {
    name: '503',
    title: 'A leader whose disk hangs stays the leader',
    source: 'hashicorp/raft #503, #612',
    story: 'The disk of a leader finishes nothing any more, while its network is well.',
    broken: 'Its heartbeats go on, so nobody takes over, and nothing is committed ever again (L5).',
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old)
      stage.say(`the disk of ${old.id} hangs`)
      old.disk.hang()
      const stuck = stage.begin(old)
      const { electionTimeout } = old.config
      await stage.until(
        'another one leads',
        () => stage.others(old).some(({ isLeading }) => isLeading),
        6 * electionTimeout,
      )
      await stage.write(await stage.leader(stage.others(old)), 3)
      old.disk.release()
      await stage.end(stuck)
      await stage.same()
    },
  },
  {
    name: '614',
    title: 'A server that cannot write keeps winning elections',
    source: 'hashicorp/raft #614',
    story: 'The disk of the leader is full. It is started again and again, and its disk stays full.',
    broken: 'It wins, fails, and wins again; the others, which could, never commit anything (L5).',
    async play(stage) {
      const full = await stage.leader()
      await stage.write(full)
      full.excused = true
      for (let round = 0; round < 3; round++) {
        full.start()
        full.disk.conditions = { ...full.disk.conditions, full: true }
        stage.say(`the disk of ${full.id} is full`)
        if (full.isLeading) await stage.refuse(full)
        await stage.pass(1_000)
      }
      await stage.until('another one leads', () => stage.others(full).some(({ isLeading }) => isLeading), 10_000)
      await stage.write(await stage.leader(stage.others(full)), 3)
      full.crash()
      full.excused = false
    },
  },
  {
    name: 'figure-8',
    title: 'Entries of an older term are committed by counting them',
    source: 'Raft paper, figure 8; LogCabin #44',
    story:
      'A leader replicates an entry to one server and is lost. Another one leads, writes one of its own that reaches nobody, ' +
      'and is lost. The first one is back, and its old entry reaches a majority, but nothing of its new term does.',
    broken: 'It counts the old entry as committed, and the other one overwrites that (S8, S5, S6).',
    plan: { servers: 5, config: { maxAppendEntries: 1 } },
    async play(stage) {
      const [one, two, three, four, five] = ['n1', 'n2', 'n3', 'n4', 'n5'].map((id) => stage.server(id)) as Five
      const first = await stage.leader()
      if (first !== one) await stage.end(stage.call(first, (calls) => calls.transfer(one)))
      await stage.leader([one])
      await stage.write(one)
      await stage.same()
      stage.cut([one, two], [three, four, five])
      const lost = [stage.begin(one)]
      await stage.pass(50)
      one.crash()
      const next = await stage.leader([three, four, five])
      stage.cut([next], stage.others(next))
      lost.push(stage.begin(next))
      await stage.pass(50)
      next.crash()
      one.start()
      stage.heal()
      const last = await stage.leader(stage.others(next))
      await stage.write(last)
      next.start()
      for (const write of lost) void write.catch(() => {})
      await stage.same()
    },
  },
]
