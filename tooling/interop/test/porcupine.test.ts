import { spawnSync } from 'node:child_process'
import { checkLinearizable } from '@raft/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { goCommand } from '../src/peers/programs.ts'
import { hasGo } from './support/go.ts'
import { generate, type Kind, modelOf, toLine } from './support/histories.ts'

// RAFT_HISTORIES of each kind, from RAFT_SEED on.
const count = Number(process.env['RAFT_HISTORIES'] ?? 2_000)
const firstSeed = Number(process.env['RAFT_SEED'] ?? 1)

const kinds: readonly Kind[] = [
  { name: 'register', keyed: false, keys: 1, commands: ['read', 'write'], clients: 4, operations: 24, unknown: 0 },
  {
    name: 'swaps',
    keyed: false,
    keys: 1,
    commands: ['read', 'write', 'swap'],
    clients: 5,
    operations: 24,
    unknown: 0.1,
  },
  {
    name: 'keys',
    keyed: true,
    keys: 3,
    commands: ['read', 'write', 'swap'],
    clients: 8,
    operations: 40,
    unknown: 0.15,
  },
  { name: 'appends', keyed: true, keys: 2, commands: ['read', 'append'], clients: 6, operations: 24, unknown: 0.2 },
]

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('the checker of histories agrees with Porcupine', () => {
  let available = false
  beforeAll(async () => {
    available = await hasGo()
  })

  test.for(kinds)('$name', async (kind, context) => {
    if (!available) return context.skip()
    const histories = Array.from({ length: count }, (_, at) => generate(kind, seeded(firstSeed + at)))
    const input = `${histories.map(toLine).join('\n')}\n`
    const { stdout, status, stderr } = spawnSync(await goCommand('porcupine'), {
      input,
      encoding: 'utf8',
      maxBuffer: 1e8,
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const theirs = stdout.trimEnd().split('\n')
    const ours = histories.map(({ keyed, operations }) => checkLinearizable(operations, modelOf(keyed)).result)
    const different = ours.flatMap((verdict, at) =>
      verdict === theirs[at] ? [] : [{ seed: firstSeed + at, ours: verdict, theirs: theirs[at] }],
    )
    expect(different).toEqual([])
    expect(theirs).toHaveLength(count)
    // A system that did nothing wrong is found right, whatever became of operations that were never answered.
    const wronged = histories.flatMap(({ isRight }, at) =>
      isRight && ours[at] !== 'linearizable' ? [firstSeed + at] : [],
    )
    expect(wronged).toEqual([])
    for (const fate of ['done', 'lost', 'late'] as const) {
      const times = histories.reduce((sum, { fates }) => sum + fates[fate], 0)
      expect(times > count / 4, `${times} operations were ${fate}`).toBe(kind.unknown > 0)
    }
    // Agreement says something only if both verdicts occur often.
    expect(ours.filter((verdict) => verdict === 'impossible').length).toBeGreaterThan(count / 10)
    expect(ours.filter((verdict) => verdict === 'linearizable').length).toBeGreaterThan(count / 10)
    console.log(`${kind.name}: ${ours.filter((verdict) => verdict === 'impossible').length} of ${count} impossible`)
  })
})
