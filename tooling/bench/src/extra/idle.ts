import { setTimeout as sleep } from 'node:timers/promises'
import { cpuOf } from '../measure/cpu.ts'
import { markdownTable } from '../report/markdown.ts'
import type { Extra } from './extra.ts'
import { type Kind, kindNames, kinds, memory, withServers } from './servers.ts'

const SECONDS = 20

/** What three servers with nothing to do take of a processor. */
export const idle: Extra = {
  name: 'idle cluster',
  async run({ go }) {
    const figures = []
    for (const kind of kinds(go)) figures.push({ kind, ...(await measure(kind)) })
    const table = markdownTable(
      [`idle for ${SECONDS} s`, 'leader, % of a core', 'follower, % of a core', 'leader, MB', 'follower, MB'],
      figures.map(({ kind, leader, follower, leaderMB, followerMB }) => [
        kindNames[kind],
        leader.toFixed(2),
        follower.toFixed(2),
        leaderMB.toFixed(0),
        followerMB.toFixed(0),
      ]),
    )
    return { table, figures }
  },
}

function measure(kind: Kind) {
  return withServers({ kind }, async (cluster) => {
    const leader = await cluster.leader()
    const [follower] = cluster.others(leader)
    // What starting takes is over.
    await sleep(3_000)
    const both = [leader, follower!]
    const before = both.map(({ pid }) => cpuOf([pid!]) ?? NaN)
    await sleep(SECONDS * 1_000)
    const shares = both.map(({ pid }, at) => ((cpuOf([pid!]) ?? NaN) - before[at]!) / SECONDS / 10_000)
    const [leaderMB = NaN, followerMB = NaN] = both.map((peer) => memory(peer) ?? NaN)
    return { leader: shares[0]!, follower: shares[1]!, leaderMB, followerMB }
  })
}
