import { expect, test } from 'vitest'
import { bytes, Cluster, type Member } from './harness/cluster.ts'

/** Numbers from [0, 1) that are the same every time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** One thing goes wrong, or right again. */
async function disturb(cluster: Cluster, random: () => number): Promise<void> {
  const member = cluster.members[Math.floor(random() * cluster.members.length)]!
  const chance = random()
  if (chance < 0.25) cluster.network.cut.add(member.id)
  else if (chance < 0.5) cluster.network.cut.clear()
  else if (chance < 0.6) slowDown(cluster, member, random() * 300)
  else if (chance < 0.7) member.store.gate = undefined
  else if (chance < 0.8) member.raft.snapshot().catch(() => undefined)
  else if (chance < 0.95) {
    await cluster.wait(member.raft.shutdown())
    member.store.gate = undefined
    await member.start(cluster)
  } else member.raft.leadershipTransfer().catch(() => undefined)
}

/** Every write takes that long. */
function slowDown(cluster: Cluster, member: Member, duration: number): void {
  member.store.gate = () => new Promise((resolve) => void cluster.clock.setTimer(resolve, duration))
}

for (let seed = 1; seed <= 12; seed++) {
  test(`nothing that was acknowledged is lost, and all servers agree: seed ${seed}`, async () => {
    const random = generator(seed)
    const cluster = await Cluster.start(3, { trailingLogs: seed % 3 === 0 ? 0 : 20 })
    await cluster.leader()
    const acknowledged: string[] = []
    const rejected: string[] = []
    for (let round = 0; round < 40; round++) {
      for (let each = 0; each < 5; each++) {
        const text = `${round}.${each}`
        const { raft } = cluster.members[Math.floor(random() * cluster.members.length)]!
        raft.apply(bytes(text)).then(
          () => acknowledged.push(text),
          (error: { outcome?: string }) => {
            if (error.outcome === 'rejected') rejected.push(text)
          },
        )
      }
      if (random() < 0.4) await disturb(cluster, random)
      await cluster.clock.advance(random() * 400)
    }
    cluster.network.cut.clear()
    for (const member of cluster.members) member.store.gate = undefined
    await cluster.clock.advance(10_000)
    const leader = await cluster.leader()
    await cluster.wait(leader.raft.barrier())
    await cluster.clock.advance(1_000)
    const { commands } = leader.machine
    expect(leader.raft.failure).toBeUndefined()
    for (const { machine, raft } of cluster.members) {
      expect(raft.failure).toBeUndefined()
      expect(machine.commands).toEqual(commands)
    }
    expect(new Set(commands).size).toBe(commands.length)
    const applied = new Set(commands)
    expect(acknowledged.filter((text) => !applied.has(text))).toEqual([])
    expect(rejected.filter((text) => applied.has(text))).toEqual([])
    expect(acknowledged).not.toEqual([])
    await cluster.stop()
    expect(cluster.clock.pending).toBe(0)
  })
}
