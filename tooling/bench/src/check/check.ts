import { settings } from '../measure/task.ts'
import { type Baseline, judge, LEAST_SHARE, readBaseline, writeBaseline } from './baseline.ts'
import { measurePairs, type Watched } from './pairs.ts'
import { median } from '../suite/statistics.ts'

const watched: readonly Watched[] = settings.flatMap((setting) =>
  [1, 64, 1024].map((clients) => ({ setting, clients })),
)

/** How often a cell is measured that seems to have lost, at most. */
const ATTEMPTS = 3

const keyOf = ({ setting, clients }: Watched): string => `${setting} ${clients}`

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
  let doubtful = watched.map((one) => ({ one, attempts: [] as (readonly number[])[] }))
  for (let attempt = 1; attempt <= ATTEMPTS && doubtful.length > 0; attempt++) {
    const lost: typeof doubtful = []
    for (const { one, attempts } of doubtful) {
      attempts.push(await measure(one))
      const { ratio, least, lost: isLost } = judge(keyOf(one), attempts, kept)
      if (isLost) lost.push({ one, attempts })
      const word = !isLost ? 'ok' : attempt < ATTEMPTS ? 'again' : 'LOST'
      const figures = `ours ÷ ceiling ${ratio.toFixed(3)}, kept ${kept[keyOf(one)]}, at least ${least.toFixed(3)}`
      say(`${word.padEnd(5)}  ${keyOf(one).padEnd(14)} ${figures}`)
    }
    doubtful = lost
  }
  if (doubtful.length === 0) return true
  const share = `more than ${Math.round((1 - LEAST_SHARE) * 100)} %`
  say(
    `${doubtful.map(({ one }) => keyOf(one)).join(', ')}: ${share} slower than it was, beside the same work without Raft.`,
  )
  say('If that is meant, npm run bench -- --keep writes the new figures into tooling/bench/baseline.json.')
  return false
}

/** Measures every cell as often as a doubtful one is measured, and keeps the medians. */
export async function keepBaseline(say: (line: string) => void): Promise<void> {
  const kept: Record<string, number> = {}
  for (const one of watched) {
    const attempts: number[] = []
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) attempts.push(median(await measurePairs(one)))
    kept[keyOf(one)] = median(attempts)
    say(`${keyOf(one).padEnd(14)} ours ÷ ceiling ${median(attempts).toFixed(3)}`)
  }
  await writeBaseline(kept satisfies Baseline)
}
