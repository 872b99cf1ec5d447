// Writes a snapshot that is larger than a file may be, and prints what it is told.
import { FileSnapshotStore } from '@raft/snapshot-file'

const [dir] = process.argv.slice(2)
const store = await FileSnapshotStore.open({ dir, retain: 3 })
const told = []

async function attempt(what, call) {
  try {
    await call()
    told.push(`${what}: done`)
  } catch (error) {
    told.push(`${what}: ${error.code}`)
  }
}

const sink = await store.create({
  version: 1,
  index: 1,
  term: 1,
  configuration: { servers: [] },
  configurationIndex: 1,
})
await attempt('write', () => sink.write(new Uint8Array(2_000_000)))
await attempt('write again', () => sink.write(new Uint8Array(10)))
await attempt('close', () => sink.close())
await attempt('close again', () => sink.close())
await attempt('cancel', () => sink.cancel())
console.log(JSON.stringify({ told, listed: (await store.list()).length }))
