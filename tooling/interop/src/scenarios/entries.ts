// What is replicated: many entries, large ones, odd ones, and those that have to give way.
import { claim, until } from '../cluster/wait.ts'
import type { Applied } from '../control/protocol.ts'
import type { Scenario } from './scenario.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const batches: Scenario = {
  name: 'pipelined batches of up to 64',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    await leader.control.fill({ count: 1_000, bytes: 100, prefix: mark, window: 256 })
    await cluster.settled()
  },
}

const large: Scenario = {
  name: 'commands of 512 KB',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    const { term } = await leader.control.stats()
    await leader.control.fill({ count: 12, bytes: 512 * 1024, prefix: mark, window: 4 })
    await cluster.settled()
    const after = await leader.control.stats()
    claim(after.state === 'Leader' && after.term === term, 'they cost the leader its office')
    // Out of the way of the snapshots that come.
    const removals = Array.from({ length: 12 }, (_, i) => ({ op: 'delete' as const, key: `${mark}${i}` }))
    await leader.control.apply(removals)
  },
}

/** The same questions have the same answers, whatever language the leader is written in. */
const answers: Scenario = {
  name: 'conditions, garbage, nil, empty, extensions',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    const key = `${mark}-key`
    const all = await leader.control.apply([
      { op: 'put', key, value: base64('one'), expect: 0 },
      { op: 'put', key, value: base64('two'), expect: 0 },
      { op: 'get', key },
      { op: 'delete', key },
      { op: 'get', key },
      { op: 'member', id: mark, http: 'h:1' },
      {},
      { data: '' },
      { data: base64('no command'), extensions: base64('extensions') },
      { op: 'put', key, value: '', extensions: '' },
    ])
    const shapes = all.map((each) => shapeOf(each)).join(' ')
    const expected = 'done:one kept:one done:one done:- done:- done:- refused refused refused done:'
    claim(shapes === expected, `answers: ${shapes}`)
    await cluster.settled()
  },
}

function shapeOf(applied: Applied): string {
  if ('error' in applied) return applied.error.code
  if ('refused' in applied) return 'refused'
  const value = applied.entry === null ? '-' : Buffer.from(applied.entry.value, 'base64').toString()
  return `${applied.done ? 'done' : 'kept'}:${value}`
}

/** A leader alone appends what can never commit; when it comes back, it takes what the others have instead. */
const conflict: Scenario = {
  name: 'conflicting entries give way',
  leaders: 'each',
  async play({ cluster, leader, mark }) {
    const followers = cluster.others(leader)
    await Promise.all(followers.map((peer) => peer.kill()))
    const commands = Array.from({ length: 30 }, (_, i) => ({ op: 'put', key: `${mark}-lost${i}`, value: '' }) as const)
    const lost = leader.control.apply(commands).catch(() => [])
    await until('the lonely leader to step down', async () => {
      const { state } = await leader.control.stats()
      return state !== 'Leader' || undefined
    })
    claim(
      (await lost).every((each) => 'error' in each),
      'a command was acknowledged without a quorum',
    )
    await leader.kill()
    await Promise.all(followers.map((peer) => peer.start()))
    const next = await cluster.leader()
    for (let i = 0; i < 3; i++) await next.control.put(`${mark}-kept${i}`, 'x')
    await leader.start()
    await cluster.settled()
    claim((await leader.control.get(`${mark}-kept2`)) !== null, 'it did not take what the others have')
    claim((await leader.control.get(`${mark}-lost0`)) === null, 'it kept what never committed')
  },
}

/** Every entry that two servers both hold is the same: index, term, type, data and extensions. */
const logs: Scenario = {
  name: 'all logs are the same',
  leaders: 'any',
  quick: true,
  async play({ cluster }) {
    await cluster.settled()
    const stats = await cluster.statsOfAll()
    const from = Math.max(...stats.map(({ firstIndex }) => firstIndex), 1)
    const through = Math.min(...stats.map(({ commitIndex }) => commitIndex))
    claim(through >= from, 'there is nothing to compare')
    const held = await Promise.all(
      cluster.peers.map(async (peer) => {
        const rows = await peer.control.log(from, through)
        return { id: peer.id, rows: new Map(rows.map((row) => [row.index, `${row.term}/${row.type}/${row.hash}`])) }
      }),
    )
    for (const { id, rows } of held) {
      for (const [index, row] of rows) {
        const different = held.find((each) => (each.rows.get(index) ?? row) !== row)
        claim(different === undefined, () => `${id} and ${different?.id} differ at ${index}`)
      }
    }
  },
}

/** Scenarios about the log; the last compares what all others have left. */
export const entryScenarios: readonly Scenario[] = [batches, large, answers, conflict]
/** Played after all others. */
export const lastScenarios: readonly Scenario[] = [logs]
