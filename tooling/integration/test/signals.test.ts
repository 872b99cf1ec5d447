// The tour is interrupted, or killed: no process of its cluster outlives it, and nothing is left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { until } from '@raft-tooling/demo/cluster/cluster'
import { program } from './run.ts'

let child: ChildProcess | undefined
afterEach(() => void child?.kill('SIGKILL'))

/** Starts the tour and waits until its cluster has formed. */
async function begun(): Promise<{ child: ChildProcess; folder: string; pids: number[]; output: () => string }> {
  const tour = spawn(process.execPath, [program('tour')], { stdio: ['ignore', 'pipe', 'inherit'] })
  child = tour
  let output = ''
  tour.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await until('a cluster', 30_000, async () => Promise.resolve(output.includes('1,000 writes') || undefined))
  const pids = [...output.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))
  const folder = /Their data is in (\S+)\.$/m.exec(output)?.[1] ?? ''
  expect(existsSync(folder)).toBe(true)
  expect(pids.filter((pid) => isAlive(pid))).toHaveLength(3)
  return { child: tour, folder, pids, output: () => output }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('interrupted by a signal it ends its nodes, removes their data and says so', async () => {
  const { child: tour, folder, pids, output } = await begun()
  const ended = once(tour, 'close')
  tour.kill('SIGTERM')
  expect(await ended).toEqual([143, null])
  expect(output()).toContain('Interrupted by SIGTERM.')
  expect(pids.filter((pid) => isAlive(pid))).toEqual([])
  expect(existsSync(folder)).toBe(false)
})

test('when it is killed its nodes stop by themselves', async () => {
  const { child: tour, folder, pids } = await begun()
  tour.kill('SIGKILL')
  await until('the nodes to end', 15_000, async () => Promise.resolve(!pids.some((pid) => isAlive(pid)) || undefined))
  rmSync(folder, { recursive: true })
})
