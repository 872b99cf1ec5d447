// Opens a store, says so, and holds it until it is killed; or says why it cannot.
import { writeSync } from 'node:fs'
import { SqliteStore } from '@raft/store-sqlite'

const [path] = process.argv.slice(2)
try {
  await SqliteStore.open({ path })
  writeSync(1, 'open\n')
  setInterval(() => undefined, 60_000)
} catch (error) {
  writeSync(1, `${error.code} ${error.message}\n`)
}
