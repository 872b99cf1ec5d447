// Writes until the disk is full, and prints what it is told then: run with a limit on the size of files.
import { SqliteStore } from '@raft/store-sqlite'

const [path] = process.argv.slice(2)
const store = await SqliteStore.open({ path })
const data = new Uint8Array(4_000)
const told = []

async function append() {
  await store.storeLog({ index: store.lastIndex() + 1, term: 1, type: 0, data })
}

for (let failures = 0; failures < 2;) {
  try {
    await append()
  } catch (error) {
    failures++
    told.push({ code: error.code, message: error.message, cause: error.cause?.message })
  }
}
const last = store.lastIndex()
const read = await store.getLog(last)
await store.close()
console.log(JSON.stringify({ told, last, readable: read.data.length }))
