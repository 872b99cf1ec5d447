import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { run } from './run.ts'

const leftOvers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('raft-demo-'))

test('the tour, without a terminal, shows every step and ends with 0', async () => {
  const before = leftOvers()
  const { status, output } = await run('tour', [])
  expect(output).toContain('Done in')
  expect(status).toBe(0)
  const steps = [...output.matchAll(/^ ?(\d+) {2}(.+)$/gm)].map(([, number, title]) => `${number} ${title}`)
  expect(steps).toEqual([
    '1 Three processes form a cluster',
    '2 1,000 writes through HTTP',
    '3 The leader is killed under load',
    '4 No acknowledged write is missing on the other two',
    '5 The killed process starts again from its own disk',
    '6 No acknowledged write is missing on any of the three',
    '7 Snapshots are taken and the logs compacted',
    '8 A fourth node gets the snapshot and becomes a voter',
    '9 Leadership is transferred',
    '10 No acknowledged write is missing on any of the four',
    '11 A clean stop',
  ])
  expect(leftOvers()).toEqual(before)
  for (const [, pid] of output.matchAll(/process (\d+)/g)) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
})

test('a short run of kills loses nothing', async () => {
  const { status, output } = await run('tour', ['chaos', '--seconds', '15'])
  expect(output).toContain('Every acknowledged value is on all 3 nodes, once, in one order.')
  expect(status).toBe(0)
})
