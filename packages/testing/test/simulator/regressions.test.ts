import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { regressionNamed, regressions } from '../../src/simulator/regressions/index.ts'
import { playRegression } from '../../src/simulator/regressions/play.ts'

describe('bugs that others had are not here', () => {
  for (const regression of regressions) {
    test(`${regression.name}: ${regression.title}`, async () => {
      const story: string[] = []
      const report = await playRegression(regression, (line) => story.push(line))
      deepEqual(report.violations, [], story.slice(-30).join('\n'))
      equal((await playRegression(regression)).hash, report.hash, 'the same play is the same every time')
    })
  }
})

test('names are unique, found with or without their mark, and listed when there is none such', () => {
  equal(new Set(regressions.map(({ name }) => name)).size, regressions.length)
  equal(regressionNamed('#695').title, regressionNamed('695').title)
  equal(regressionNamed('h2').name, 'H2')
  throws(() => regressionNamed('1'), /there is no regression 1; there are 695, 696/)
})

test('a play in which something is wrong ends there, and says what', async () => {
  const { violations } = await playRegression({
    ...regressionNamed('695'),
    play: async (stage) => {
      stage.cut(stage.servers)
      for (const server of stage.servers) server.crash()
      await stage.until('somebody leads', () => stage.servers.some(({ isLeading }) => isLeading), 5_000)
      throw new Error('not reached')
    },
  })
  equal(violations.length, 1)
  ok(violations[0]!.text.startsWith('somebody leads: not so after 5000 ms'), violations[0]!.text)
})
