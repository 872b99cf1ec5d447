// Does one step after the other from a given one on, and says so after each, until it is killed.
import { writeSync } from 'node:fs'
import { SqliteStore } from '@raft/store-sqlite'
import { advance, Model, perform } from './workload.mjs'

const [path, done] = process.argv.slice(2)
const model = new Model()
for (let step = 1; step <= Number(done); step++) advance(step, model)
const store = await SqliteStore.open({ path })
for (let step = Number(done) + 1; ; step++) {
  await perform(step, model, store)
  advance(step, model)
  writeSync(1, `${step}\n`)
}
