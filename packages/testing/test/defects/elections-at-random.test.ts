import { test } from 'vitest'
import { SeededRandom } from '../../src/index.ts'
import { Bench } from '../scenarios/bench.ts'

/** Ten times the longest election timeout, which is twice what is configured. */
const BOUND = 10 * 2 * 50

const seeds = Number(process.env.RAFT_SEEDS ?? 10)
const firstSeed = Number(process.env.RAFT_SEED ?? 1)

/** Kills whoever leads, at a moment by chance, again and again; the killed one comes back in time to vote. */
async function killLeaders(seed: number): Promise<void> {
  const random = new SeededRandom(seed, 'kills')
  await using bench = await Bench.start(3, { seed })
  let killed = await bench.leader()
  for (let kills = 0; kills < 4; kills++) {
    await bench.clock.advance(random.next() * 200)
    const leading = bench.members.find(({ raft }) => raft.state === 'Leader')
    killed = leading ?? bench.members[Math.floor(random.next() * 3)]!
    await bench.stop(killed)
    const leads = (): boolean => bench.members.some((member) => member !== killed && member.raft.state === 'Leader')
    if (!(await bench.clock.until(leads, BOUND))) throw new Error(`two of three elect nobody after kill ${kills + 1}`)
    await bench.clock.advance(random.next() * 200)
    await bench.launch(killed)
  }
  await bench.apply(await bench.leader(), 1)
}

test(`whenever a leader is killed, the other two elect one of themselves within ten timeouts: ${seeds} seeds`, async () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    try {
      await killLeaders(seed)
    } catch (error) {
      throw new Error(`seed ${seed}: again with RAFT_SEED=${seed} RAFT_SEEDS=1`, { cause: error })
    }
  }
})
