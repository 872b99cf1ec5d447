import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfigJSON, readPeersJSON } from '../../src/fs/index.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raft-json-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function file(text: string): Promise<string> {
  const path = join(folder, 'peers.json')
  await writeFile(path, text)
  return path
}

test('a configuration: any case of keys, votes unless it says otherwise, text after it ignored', async () => {
  const path = await file(
    ' [{"ID":"a]","Address":"x:1"},{"id":"b","address":"y\\"]:1","Non_Voter":true,"more":[1]}] [not json',
  )
  expect(await readConfigJSON(path)).toEqual({
    servers: [
      { suffrage: 'Voter', id: 'a]', address: 'x:1' },
      { suffrage: 'Nonvoter', id: 'b', address: 'y"]:1' },
    ],
  })
})

test('peers are voters whose ID is their address', async () => {
  expect(await readPeersJSON(await file('["x:1", "y:1"]'))).toEqual({
    servers: [
      { suffrage: 'Voter', id: 'x:1', address: 'x:1' },
      { suffrage: 'Voter', id: 'y:1', address: 'y:1' },
    ],
  })
})

const refused = [
  { text: '[]', error: 'need at least one voter in configuration: {[]}' },
  { text: 'null', error: 'need at least one voter in configuration: {[]}' },
  { text: '[{"id":"a"}]', error: 'empty address in configuration: {[{Voter a }]}' },
  { text: '[{"id":1,"address":"x"}]', error: 'id of server 0 must be a string, got 1' },
  { text: '{"id":"a"}', error: 'the configuration must be an array, got {"id":"a"}' },
]
for (const { text, error } of refused) {
  test(`${text} is refused`, async () => {
    await expect(readConfigJSON(await file(text))).rejects.toThrow(error)
  })
}

test('what is no JSON, or no file, fails as it does elsewhere', async () => {
  await expect(readConfigJSON(await file('[{'))).rejects.toThrow(SyntaxError)
  await expect(readPeersJSON(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' })
})
