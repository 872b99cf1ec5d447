import type { SimulatedServer } from '../simulated-server.ts'
import type { Regression } from './regression.ts'
import type { Stage } from './stage.ts'

/** Takes a snapshot and says where it ends. */
async function snapshot(stage: Stage, server: SimulatedServer<string>): Promise<void> {
  const fate = await stage.end(stage.call(server, (calls) => calls.change('snapshot', (raft) => raft.snapshot())))
  stage.expect('value' in fate, `${server.id} takes no snapshot`)
  stage.say(`${server.id} has a snapshot at ${server.inspection?.snapshot.index}`)
}

/** Plays about snapshots. */
export const snapshotRegressions: readonly Regression[] = [
  {
    name: '697',
    title: 'A snapshot is installed again and again on a log that conflicts with it',
    source: 'hashicorp/raft #697',
    story:
      'A leader that is cut off takes many writes that nobody else has. The others commit fewer, take a snapshot and compact ' +
      'their logs. When the old leader is back its log contradicts the snapshot, and goes on beyond it.',
    broken: 'It keeps its log, refuses what follows the snapshot, and is sent the snapshot again, for ever (S16, L8).',
    plan: { config: { leaderLeaseTimeout: 1_000 } },
    async play(stage) {
      const old = await stage.leader()
      await stage.write(old, 2)
      await stage.same()
      stage.cut([old])
      const lost = Array.from({ length: 40 }, () => stage.begin(old))
      const next = await stage.leader(stage.others(old))
      await stage.write(next, 5)
      await snapshot(stage, next)
      await stage.write(next, 2)
      for (const write of lost) await stage.end(write)
      stage.say(`${old.id} has a log through ${old.inspection?.lastIndex}`)
      stage.heal()
      await stage.same()
      await stage.write(await stage.leader(), 3)
      await stage.same()
    },
  },
  {
    name: '85',
    title: 'The newest snapshot is damaged and the log before it is gone',
    source: 'hashicorp/raft #85',
    story:
      'A follower takes two snapshots and compacts its log after each. It is stopped, bits flip in the newer one, and it is ' +
      'started.',
    broken: 'It starts with the older snapshot and a hole between that and its log (S17, D4).',
    async play(stage) {
      const leader = await stage.leader()
      const [follower] = stage.others(leader)
      for (let round = 0; round < 2; round++) {
        await stage.write(leader, 5)
        await stage.same()
        await snapshot(stage, follower!)
      }
      await stage.write(leader, 2)
      await stage.same()
      follower!.crash()
      follower!.disk.durableSnapshots[0]!.rotten = true
      stage.say(`bits flip in the newest snapshot of ${follower!.id}`)
      follower!.start()
      await stage.until('the start has ended', () => !follower!.isUp || follower!.raft !== undefined)
      stage.expect(!follower!.isUp, `${follower!.id} starts although its newest snapshot cannot be read`)
      stage.say(`${follower!.id} refuses to start, which is right: it lost nothing, and says what to do`)
      await stage.write(leader, 2)
    },
  },
  {
    name: '248',
    title: 'The last snapshot moves back',
    source: 'hashicorp/raft #248; spec 9.1 Q19',
    story:
      'A follower writes a snapshot of its own, slowly, while it is cut off. Its leader compacts meanwhile and, when it is ' +
      'back, sends a newer one. The own one ends after that.',
    broken: 'The older snapshot becomes the last one, and the log before the newer one is gone (S15, S17).',
    plan: { slowSnapshot: 400 },
    async play(stage) {
      const leader = await stage.leader()
      const [follower] = stage.others(leader)
      await stage.write(leader, 5)
      await stage.same()
      stage.cut([follower!])
      stage.say(`${follower!.id} begins a snapshot`)
      const own = stage.call(follower!, (calls) => calls.change('snapshot', (raft) => raft.snapshot()))
      await stage.write(leader, 10)
      await snapshot(stage, leader)
      stage.heal()
      await stage.same()
      await stage.end(own)
      await stage.write(leader, 2)
      await stage.same()
    },
  },
  {
    name: '18055',
    title: 'A second snapshot arrives while the first one is restored',
    source: 'etcd #18055; found here by the simulator',
    story:
      'A follower that was away is sent a snapshot, and its state machine is slow to restore it. Meanwhile the cluster is ' +
      'given another state, so that a second snapshot comes before the first one is in force.',
    broken: 'The end of the first tidies the second away: the node stops, and what it has on disk has a gap (D2, S17).',
    plan: { slowMachine: 100 },
    async play(stage) {
      const leader = await stage.leader()
      const [follower] = stage.others(leader)
      await stage.write(leader, 3)
      await stage.same()
      stage.cut([follower!])
      await stage.write(leader, 3)
      await snapshot(stage, leader)
      const [file] = leader.disk.durableSnapshots
      stage.heal()
      const has = (count: number) => (): boolean => follower!.disk.durableSnapshots.length >= count
      await stage.until(`${follower!.id} has stored the snapshot`, has(1))
      stage.say(`${follower!.id} has stored a snapshot, and another state is given to the cluster`)
      await stage.end(stage.call(leader, (calls) => calls.restore(file!)))
      await stage.write(leader, 2)
      await stage.same()
    },
  },
  {
    name: 'take-back',
    title: 'The state that a restore goes back to is gone',
    source: 'found here by the simulator',
    story:
      'A leader is given another state, and writes something while it takes a snapshot to go back to. While the other state ' +
      'is stored it is given one more, before which it would take a snapshot again. It is cut off before either is committed.',
    broken: 'The store keeps two snapshots, and what to go back to was the third: the node stops (D2).',
    plan: { slowSnapshot: 100 },
    async play(stage) {
      const leader = await stage.leader()
      await stage.write(leader, 3)
      await stage.same()
      await snapshot(stage, leader)
      const [file] = leader.disk.durableSnapshots
      await stage.write(leader, 2)
      const first = stage.call(leader, (calls) => calls.restore(file!))
      await stage.pass(10)
      await stage.write(leader)
      await stage.until('one more is kept', () => (leader.inspection?.snapshot.index ?? 0) > file!.meta.index)
      const second = stage.call(leader, (calls) => calls.restore(file!))
      stage.cut([leader])
      for (const restore of [first, second]) await stage.end(restore)
      stage.heal()
      await stage.write(await stage.leader())
      await stage.same()
    },
  },
]
