// A process that is killed while it writes loses nothing that it was told is stored.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { SqliteStore } from '@raft/store-sqlite'
import { expect, test } from 'vitest'
import { advance, entryOf, Model } from './programs/workload.mjs'
import { Program, TemporaryFolder } from './stores.ts'

/** How often a process is killed; set RAFT_KILLS for a longer run. */
const kills = Number(process.env['RAFT_KILLS'] ?? 25)

function modelAfter(steps: number): Model {
  const model = new Model()
  for (let step = 1; step <= steps; step++) advance(step, model)
  return model
}

/** Why the store is not what the model says, if it is not. */
async function difference(store: SqliteStore, model: Model): Promise<string | undefined> {
  const vote = Number(new TextDecoder().decode(store.get('vote')))
  const found = `${store.firstIndex()} ${store.lastIndex()} ${vote}`
  if (found !== `${model.first} ${model.last} ${model.vote}`)
    return `${found}, not ${model.first} ${model.last} ${model.vote}`
  for (let index = model.first; index > 0 && index <= model.last;) {
    for (const log of await store.getLogs({ from: index, through: model.last, maxBytes: 1_000_000 })) {
      const { term, data } = entryOf(model.entries.get(log.index)!, log.index)
      if (log.term !== term || !Buffer.from(log.data!).equals(data!)) return `entry ${log.index} is of step ${log.term}`
      index = log.index + 1
    }
  }
  return undefined
}

test(`${kills} processes killed in the middle of their writes`, { timeout: 20_000 + kills * 2_000 }, async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  let done = 0
  for (let kill = 0; kill < kills; kill++) {
    const program = new Program('work.mjs', [path, String(done)])
    // A different number of steps each time, and then whatever it does until the signal reaches it.
    let told = done
    for (let lines = (kill * 7) % 40; lines >= 0; lines--) told = Number(await program.line())
    told = Math.max(told, ...(await program.kill()).map(Number))
    const store = await SqliteStore.open({ path })
    const differences: (string | undefined)[] = []
    // One step may have been done without being told.
    for (const steps of [told, told + 1]) differences.push(await difference(store, modelAfter(steps)))
    await store.close()
    ok(differences.includes(undefined), `after ${told} steps that were told: ${differences.join('; ')}`)
    done = told + differences.indexOf(undefined)
  }
  expect(done).toBeGreaterThan(kills * 10)
})

test('the lock of a process that was killed is gone with it', async () => {
  using folder = new TemporaryFolder()
  const path = folder.file()
  const holder = new Program('hold.mjs', [path])
  equal(await holder.line(), 'open')
  await expect(SqliteStore.open({ path })).rejects.toThrow(`${path} is open already`)
  await holder.kill()
  const store = await SqliteStore.open({ path })
  deepEqual([store.firstIndex(), store.lastIndex()], [0, 0])
  const second = new Program('hold.mjs', [path])
  expect(await second.line()).toMatch(/^ERR_RAFT_STORE .* is open already, in this process or another/)
  await second.kill()
  await store.close()
})
