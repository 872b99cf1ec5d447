// Takes one snapshot after the other, and says so after each, until it is killed.
import { writeSync } from 'node:fs'
import { FileSnapshotStore } from '@raft/snapshot-file'

const [dir, first] = process.argv.slice(2)
const store = await FileSnapshotStore.open({ dir, retain: 2 })
for (let index = Number(first); ; index++) {
  const sink = await store.create({ version: 1, index, term: 1, configuration: { servers: [] }, configurationIndex: 1 })
  await sink.write(new Uint8Array(1 + (index % 7) * 60_000).fill(index))
  await sink.close()
  writeSync(1, `${index}\n`)
}
