import { expect, test } from 'vitest'
import { judge, readBaseline } from '../src/check/baseline.ts'
import { checkBaseline } from '../src/check/check.ts'

const cases = [
  { why: 'as fast as it was', attempts: [[0.5, 0.5, 0.5]], lost: false },
  { why: 'a third less is put up with', attempts: [[0.334, 0.334, 0.334]], lost: false },
  { why: 'more than a third less is not', attempts: [[0.32, 0.33, 0.33]], lost: true },
  { why: 'one bad pair is no loss', attempts: [[0.1, 0.5, 0.5]], lost: false },
  { why: 'one good pair is no excuse', attempts: [[0.1, 0.1, 0.9]], lost: true },
  { why: 'a later attempt may be better', attempts: [[0.1, 0.1, 0.1], [0.4, 0.5, 0.4]], lost: false }, // prettier-ignore
]

test.each(cases)('$why', ({ attempts, lost }) => {
  expect(judge('tcp 64', attempts, { 'tcp 64': 0.5 }).lost).toBe(lost)
})

test('a cell of which nothing was kept says what to do', () => {
  expect(() => judge('tcp 2', [[1]], {})).toThrow("nothing of 'tcp 2': npm run bench -- --keep")
})

test('what was kept covers every cell that is watched', async () => {
  const seen: string[] = []
  await check((cell, kept) => {
    seen.push(cell)
    return kept
  })
  expect(seen.toSorted()).toEqual(Object.keys(await readBaseline()).toSorted())
})

test('a loss is measured three times, after the others, and then fails', async () => {
  const measured: string[] = []
  const { passed, lines } = await check((cell, kept) => {
    measured.push(cell)
    return cell === 'tcp 64' ? kept * 0.6 : kept
  })
  expect(passed).toBe(false)
  expect(measured.filter((cell) => cell === 'tcp 64')).toHaveLength(3)
  expect(measured.slice(-2)).toEqual(['tcp 64', 'tcp 64'])
  expect(lines.at(-2)).toContain('tcp 64: more than 33 % slower')
})

test('what recovers is no loss', async () => {
  let slow = 2
  const { passed } = await check((cell, kept) => (cell.endsWith('1024') && slow-- > 0 ? kept * 0.2 : kept))
  expect(passed).toBe(true)
})

/** Checks figures that are made of what was kept. */
async function check(measure: (cell: string, kept: number) => number): Promise<{ passed: boolean; lines: string[] }> {
  const all = await readBaseline()
  const lines: string[] = []
  const passed = await checkBaseline(
    (line) => lines.push(line),
    (setting, counts) => {
      const cells = counts.map((clients) => `${setting} ${clients}`)
      return Promise.resolve(cells.map((cell) => [measure(cell, all[cell]!)]))
    },
  )
  return { passed, lines }
}
