import { type Setting, settings } from '../measure/task.ts'
import { type Baseline, judge, LEAST_SHARE, readBaseline, writeBaseline } from './baseline.ts'
import { measurePairs } from './pairs.ts'
import { median } from '../suite/statistics.ts'

/** The numbers of clients that are watched in every setting. */
const COUNTS = [1, 64, 1024]

/** How often a cell is measured that seems to have lost, at most. */
const ATTEMPTS = 3

const keyOf = (setting: Setting, clients: number): string => `${setting} ${clients}`

/**
 * Compares ours ÷ ceiling with what was kept, and says how each cell stands. What seems to have lost is measured again
 * after all others, since what disturbs a machine passes. Resolves with whether nothing is lost.
 */
export async function checkBaseline(
  say: (line: string) => void,
  measure: typeof measurePairs = measurePairs,
  baseline?: Baseline,
): Promise<boolean> {
  const kept = baseline ?? (await readBaseline())
  const attempts = new Map<string, (readonly number[])[]>()
  let doubtful = settings.map((setting) => ({ setting, counts: COUNTS }))
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const lost: typeof doubtful = []
    for (const { setting, counts } of doubtful) {
      const measured = await measure(setting, counts)
      const again = counts.filter((clients, at) => {
        const cell = keyOf(setting, clients)
        attempts.set(cell, [...(attempts.get(cell) ?? []), measured[at]!])
        const { ratio, least, lost: isLost } = judge(cell, attempts.get(cell)!, kept)
        const word = !isLost ? 'ok' : attempt < ATTEMPTS ? 'again' : 'LOST'
        const figures = `ours ÷ ceiling ${ratio.toFixed(3)}, kept ${kept[cell]}, at least ${least.toFixed(3)}`
        say(`${word.padEnd(5)}  ${cell.padEnd(14)} ${figures}`)
        return isLost
      })
      if (again.length > 0) lost.push({ setting, counts: again })
    }
    doubtful = lost
  }
  if (doubtful.length === 0) return true
  const cells = doubtful.flatMap(({ setting, counts }) => counts.map((clients) => keyOf(setting, clients)))
  const share = `more than ${Math.round((1 - LEAST_SHARE) * 100)} %`
  say(`${cells.join(', ')}: ${share} slower than it was, beside the same work without Raft.`)
  say('If that is meant, npm run bench -- --keep writes the new figures into tooling/bench/baseline.json.')
  return false
}

/** Measures every cell as often as a doubtful one is measured, and keeps the medians. */
export async function keepBaseline(say: (line: string) => void): Promise<void> {
  const kept: Record<string, number> = {}
  for (const setting of settings) {
    const attempts: (readonly (readonly number[])[])[] = []
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) attempts.push(await measurePairs(setting, COUNTS))
    for (const [at, clients] of COUNTS.entries()) {
      const ratio = median(attempts.map((measured) => median(measured[at]!)))
      kept[keyOf(setting, clients)] = ratio
      say(`${keyOf(setting, clients).padEnd(14)} ours ÷ ceiling ${ratio.toFixed(3)}`)
    }
  }
  await writeBaseline(kept satisfies Baseline)
}
