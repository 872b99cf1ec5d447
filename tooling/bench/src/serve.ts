// The leader's process of a cluster that is measured: it starts the cluster, writes a line, and answers each load that
// it reads with a result, until its input ends.
import { createInterface } from 'node:readline'
import { startCluster } from './measure/cluster.ts'
import { load } from './measure/load.ts'
import type { ClusterTask, Load } from './measure/task.ts'

const [side, task] = process.argv.slice(2)
const subject = await startCluster(side === 'ours' ? 'ours' : 'ceiling', JSON.parse(task!) as ClusterTask)
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await load(subject, JSON.parse(line) as Load)))
}
await subject.end()
process.exit(0)
