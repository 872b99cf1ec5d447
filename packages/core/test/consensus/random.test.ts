import { expect, test } from 'vitest'
import { formatEffect, formatEvent, formatMessage } from './harness/format.ts'
import { profiles } from './harness/profiles.ts'
import { RandomRun } from './harness/random-run.ts'

// RAFT_SEEDS histories of each profile, from RAFT_SEED on; RAFT_PROFILE takes only that one.
const seeds = Number(process.env.RAFT_SEEDS ?? 6)
const firstSeed = Number(process.env.RAFT_SEED ?? 1)
const only = process.env.RAFT_PROFILE
const chosen = profiles.filter(({ name }) => only === undefined || name === only)

/** Prints every step of a history. */
function show({ world }: RandomRun): void {
  world.trace = (node, event, effects) => {
    const about = 'inbound' in event ? formatMessage(node.inbounds.get(event.inbound)!.message) : formatEvent(event)
    const shown = effects.map((effect) => `    ${formatEffect(effect, () => 'as sent')}`)
    console.log([`${Math.round(world.time)} ${node.id} ${about} ${JSON.stringify(event)}`, ...shown].join('\n'))
  }
}

for (const profile of chosen) {
  test(`random histories: ${profile.name}`, { timeout: 3_600_000 }, () => {
    const notes = new Map<string, number>()
    let commits = 0
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      try {
        const run = new RandomRun(profile, seed)
        if (process.env.RAFT_TRACE !== undefined) show(run)
        run.run()
        commits += run.world.checker.commits
        for (const [name, count] of run.world.notes) notes.set(name, (notes.get(name) ?? 0) + count)
      } catch (error) {
        const again = `RAFT_PROFILE='${profile.name}' RAFT_SEED=${seed} RAFT_SEEDS=1 npx vitest run test/consensus/random`
        throw new Error(`${String(error)}\nseed ${seed}; again with: ${again}`, { cause: error })
      }
    }
    if (process.env.RAFT_NOTES !== undefined) console.log(profile.name, { commits, ...Object.fromEntries(notes) })
    expect(seeds).toBeGreaterThan(0)
  })
}
