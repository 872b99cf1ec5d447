// Measures once, in this process, so that flags of node such as --cpu-prof are about the leader:
//   node dist/one.js --setting memory|tcp|durable --side ours|go|ceiling --clients 64 --seconds 3
import { startCluster } from './measure/cluster.ts'
import { withFolder } from './measure/folder.ts'
import { load } from './measure/load.ts'
import type { Result } from './measure/task.ts'
import { MeasuredCluster } from './suite/measured-cluster.ts'
import { type One, oneHelp, readOne } from './options/one.ts'

async function measure(one: One, folder: string): Promise<Result> {
  const task = { ...one.task, folder }
  const subject = one.side === 'go' ? await MeasuredCluster.start(one, task) : await startCluster(one.side, task)
  try {
    return subject instanceof MeasuredCluster ? await subject.load(one.load) : await load(subject, one.load)
  } finally {
    await subject.end()
  }
}

function text({ appliesPerSecond, p50, p99, cpuLeader, cpuAll }: Result): string {
  return [
    `${Math.round(appliesPerSecond)} applies/s`,
    `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`,
    `CPU ${cpuLeader.toFixed(2)} us an apply in the leader's process, ${cpuAll?.toFixed(2) ?? '?'} us in all`,
  ].join('; ')
}

try {
  const one = readOne(process.argv.slice(2))
  if (one === undefined) console.log(oneHelp)
  else {
    const result = await withFolder((folder) => measure(one, folder))
    console.log(one.json ? JSON.stringify(result) : text(result))
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
