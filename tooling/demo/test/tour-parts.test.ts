import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demandsFor, judge } from '../src/chaos/chaos.ts'
import { choose, leaderWeight } from '../src/chaos/killer.ts'
import { Cluster } from '../src/cluster/cluster.ts'
import { list, milliseconds, Narrator, plural } from '../src/tour/narrator.ts'
import { chooseFolder, choosePorts, wholeNumber } from '../src/tour/preflight.ts'
import { supervised } from '../src/tour/supervise.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raft-demo-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function page(): { text: string; write(text: string): void; colour: boolean } {
  return {
    text: '',
    colour: false,
    write(text) {
      this.text += text
    },
  }
}

test('a port in use is named', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  await expect(choosePorts(port - 5)).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use; choose another base with --port, or leave it out.`,
  )
  server.close()
})

test('a folder is made; one that is not empty, or cannot be made, is named', async () => {
  const path = join(folder, 'new', 'one')
  expect(await chooseFolder(path)).toEqual({ path, temporary: false })
  expect(await chooseFolder(path)).toEqual({ path, temporary: false })
  writeFileSync(join(path, 'file'), '')
  await expect(chooseFolder(path)).rejects.toThrow(`The folder ${path} is not empty`)
  const below = join(path, 'file', 'below')
  await expect(chooseFolder(below)).rejects.toThrow(`The folder ${below} cannot be written (ENOTDIR)`)
})

test('a number that is none is complained about', () => {
  expect(wholeNumber('port', undefined, { min: 1, max: 9 })).toBeUndefined()
  expect(wholeNumber('port', '7', { min: 1, max: 9 })).toBe(7)
  for (const text of ['', 'x', '1.5', '0', '10']) {
    expect(() => wholeNumber('port', text, { min: 1, max: 9 })).toThrow(
      `--port is a whole number from 1 to 9, not ${text}.`,
    )
  }
})

test('the narrator numbers the steps and tells how long each took', async () => {
  const paper = page()
  const narrator = new Narrator(paper)
  expect(await narrator.step('First', async () => Promise.resolve(7))).toBe(7)
  await expect(narrator.step('Second', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(paper.text).toBe('\n 1  First\n    (0.0 s)\n\n 2  Second\n')
  expect([milliseconds(8.44), milliseconds(1_204), plural(1, 'node'), plural(2_000, 'node')]).toEqual([
    '8.4 ms',
    '1,204 ms',
    '1 node',
    '2,000 nodes',
  ])
  expect([list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['a', 'a and b', 'a, b and c'])
})

const watched = () => {
  const paper = page()
  const cluster = new Cluster({ folder, portBase: 20_000, size: 0 })
  return { paper, options: { cluster, narrator: new Narrator(paper), limit: 10_000 } }
}

test('work that ends well is 0, work that fails is 1 and the reason', async () => {
  const { paper, options } = watched()
  expect(await supervised(options, async () => {})).toBe(0)
  expect(paper.text).toBe('')
  const failing = async () => Promise.reject(new Error('a write is missing'))
  expect(await supervised(options, failing)).toBe(1)
  expect(paper.text).toContain('Failed: a write is missing')
})

test('work that takes too long is ended', async () => {
  const { paper, options } = watched()
  expect(await supervised({ ...options, limit: 5 }, () => new Promise(() => {}))).toBe(1)
  expect(paper.text).toContain('Failed: it was not done after 0.005 s')
})

test('a signal ends the work, or is what it waited for', async () => {
  const { paper, options } = watched()
  const before = process.listenerCount('SIGHUP')
  const surprised = supervised(options, () => new Promise(() => {}))
  process.emit('SIGHUP')
  expect(await surprised).toBe(129)
  expect(paper.text).toContain('Interrupted by SIGHUP.')
  const waiting = supervised(options, async ({ interrupted }) => interrupted())
  process.emit('SIGHUP')
  expect(await waiting).toBe(0)
  expect(process.listenerCount('SIGHUP')).toBe(before)
})

test('the leader is chosen more often, and everybody at times', () => {
  const { nodes } = new Cluster({ folder, portBase: 20_000, size: 3 })
  const tally = new Map<string, number>()
  const total = 1_000
  for (let at = 0; at < total; at++) {
    const { id } = choose(nodes, 'n2', at / total) ?? { id: '' }
    tally.set(id, (tally.get(id) ?? 0) + 1)
  }
  expect([...tally.keys()].sort()).toEqual(['n1', 'n2', 'n3'])
  expect(tally.get('n2')).toBeCloseTo((total * leaderWeight) / (leaderWeight + 2), -1)
  expect(choose(nodes, undefined, 0.99)?.id).toBe('n3')
  expect(choose([], undefined, 0.5)).toBeUndefined()
})

test('a minute of chaos must reach what was promised', () => {
  const demands = demandsFor(60, 3)
  expect(demands).toEqual({ acknowledged: 5_000, leaderKills: 5, gap: 5_000 })
  expect(demandsFor(15, 3)).toEqual({ acknowledged: 1_250, leaderKills: 0, gap: 5_000 })
  expect(() => judge({ ...demands, complaints: [] }, demands)).not.toThrow()
  const poor = { acknowledged: 10, leaderKills: 1, gap: 6_000, complaints: ['n1: a is missing'] }
  expect(() => judge(poor, demands)).toThrow(
    [
      'n1: a is missing',
      'fewer than 5,000 writes were acknowledged',
      'fewer than 5 kills hit the leader: run it again, or longer',
      'for 6,000 ms nothing was acknowledged, and 5,000 ms are allowed',
    ].join('\n'),
  )
})
