// What the tour says when it cannot begin: one sentence, no stack trace, exit status 1.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.ts'

let folder = ''
let server: Server
let port = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raft-integration-'))
  server = createServer()
  port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a port in use', async () => {
  const { status, output } = await run('tour', ['--port', String(port - 2)])
  expect(output).toBe(`Port ${port} on 127.0.0.1 is in use; choose another base with --port, or leave it out.\n`)
  expect(status).toBe(1)
})

test('a folder that cannot be written', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const below = join(file, 'below')
  const { status, output } = await run('tour', ['--data', below])
  expect(output).toBe(`The folder ${below} cannot be written (ENOTDIR); choose another with --data, or leave it out.\n`)
  expect(status).toBe(1)
})

test('a folder that is in use', async () => {
  const { status, output } = await run('tour', ['chaos', '--data', folder])
  expect(output).toMatch(/^The folder \S+ is not empty; choose a new one with --data, or leave it out\.\n$/)
  expect(status).toBe(1)
})

test('parameters that make no sense', async () => {
  expect(await run('tour', ['--port', 'http'])).toEqual({
    status: 1,
    output: '--port is a whole number from 1 to 65500, not http.\n',
  })
  const unknown = await run('tour', ['--fast'])
  expect(unknown.output).toMatch(/^Unknown option '--fast'/)
  expect(unknown.status).toBe(1)
})

test('help', async () => {
  for (const [parameters, words] of [
    [['--help'], 'npm start -- --port BASE'],
    [['chaos', '--help'], 'npm run chaos -- --seconds N'],
  ] as const) {
    const { status, output } = await run('tour', parameters)
    expect(output).toContain(words)
    expect(status).toBe(0)
  }
})

test('a node says the same of its own ports and folder', async () => {
  const places = ['--id', 'n1', '--raft', '127.0.0.1:0', '--bootstrap', 'n1=127.0.0.1:1']
  const taken = await run('node', [...places, '--http', `127.0.0.1:${port}`, '--data', join(folder, 'n1')])
  expect(taken.output.trimEnd().split('\n').at(-1)).toBe(
    `Port ${port} is in use; choose others with --raft and --http.`,
  )
  expect(taken.status).toBe(1)
  const below = join(folder, 'file', 'n1')
  const blocked = await run('node', [...places, '--http', '127.0.0.1:0', '--data', below])
  expect(blocked.output).toBe(`The folder ${below} cannot be written (ENOTDIR); choose another with --data.\n`)
  expect(blocked.status).toBe(1)
  const vague = await run('node', ['--id', 'n1'])
  expect(vague.output).toBe('--raft is missing; --help tells what it is.\n')
})

test('nothing is left in the temporary folder', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('raft-demo-'))
  await run('tour', ['--port', '0'])
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('raft-demo-'))).toEqual(before)
})
