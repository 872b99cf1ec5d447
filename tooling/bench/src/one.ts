// Measures once, in this process, so that flags of node such as --cpu-prof are about the leader:
//   node dist/one.js --setting memory|tcp|durable --side ours|go|ceiling --clients 64 --seconds 3
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureCeiling } from './ceiling/ceiling.ts'
import { measureGo } from './go/go.ts'
import type { Result, Setting, Side, Task } from './measure/task.ts'
import { measureOurs } from './ours/ours.ts'

const { values } = parseArgs({
  options: {
    setting: { type: 'string', default: 'memory' },
    side: { type: 'string', default: 'ours' },
    clients: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '128' },
    nodes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '1' },
    config: { type: 'string', default: '{}' },
    'max-in-flight': { type: 'string' },
    'go-store': { type: 'string', default: 'wal' },
    'go-defaults': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

async function measure(side: Side, task: Task): Promise<Result> {
  if (side === 'ours') return measureOurs(task)
  if (side === 'ceiling') return measureCeiling(task)
  const { build, program } = (await import(new URL('../../interop/build.mjs', import.meta.url).href)) as {
    build(): void
    program(name: string): string
  }
  build()
  return measureGo(program('raftbench'), task, {
    store: values['go-store'] as 'wal' | 'bolt',
    tuned: !values['go-defaults'],
  })
}

const folder = await mkdtemp(join(tmpdir(), 'raft-bench-'))
try {
  const result = await measure(values.side as Side, {
    setting: values.setting as Setting,
    clients: Number(values.clients),
    bytes: Number(values.bytes),
    nodes: Number(values.nodes),
    seconds: Number(values.seconds),
    warmup: Number(values.warmup),
    config: JSON.parse(values.config) as Task['config'],
    maxRPCsInFlight: values['max-in-flight'] === undefined ? undefined : Number(values['max-in-flight']),
    folder,
  })
  console.log(values.json ? JSON.stringify(result) : text(result))
} finally {
  await rm(folder, { recursive: true, force: true })
}

function text({ appliesPerSecond, p50, p99, cpuLeader, cpuAll }: Result): string {
  return [
    `${Math.round(appliesPerSecond)} applies/s`,
    `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`,
    `CPU ${cpuLeader?.toFixed(2)} us an apply in the leader's process, ${cpuAll?.toFixed(2)} us in all`,
  ].join('; ')
}
