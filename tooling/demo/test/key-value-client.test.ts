import { afterEach, beforeEach, expect, test } from 'vitest'
import { KeyValueClient } from '../src/cluster/key-value-client.ts'
import { Ledger } from '../src/cluster/ledger.ts'
import { Load } from '../src/cluster/load.ts'
import { freePortBase, takenPorts } from '../src/cluster/ports.ts'
import { type Answer, type Request } from '../src/http/exchange.ts'
import { HTTPServer } from '../src/http/server.ts'

// Two servers that answer as they are told, and keep what they were asked.
let servers: HTTPServer[] = []
let asked: string[] = []
let answers: ((request: Request) => Answer)[] = []
const addresses = () => servers.map((server) => `127.0.0.1:${server.port}`)
const acknowledge = (): Answer => ({ status: 200, body: { index: asked.length } })

beforeEach(async () => {
  asked = []
  answers = [acknowledge, acknowledge]
  servers = await Promise.all(
    [0, 1].map((at) =>
      HTTPServer.listen({ host: '127.0.0.1', port: 0 }, (request) => {
        asked.push(`${at} ${request.method} ${request.path}`)
        return answers[at]?.(request) ?? { status: 500 }
      }),
    ),
  )
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
})

test('a write goes where it is sent on to, and the next one goes there at once', async () => {
  answers[0] = ({ target }) => ({ status: 307, headers: { location: `http://${addresses()[1]}${target}` }, body: {} })
  const client = new KeyValueClient(addresses())
  expect(await client.put('a b', '1')).toEqual({ outcome: 'acknowledged', index: 2 })
  await client.put('c', '1')
  expect(asked).toEqual(['0 PUT kv/a%20b', '1 PUT kv/a%20b', '1 PUT kv/c'])
  client.close()
})

test('a write that was rejected is sent again, elsewhere', async () => {
  answers[0] = () => ({ status: 503, body: { error: 'ERR_RAFT_NOT_LEADER', outcome: 'rejected' } })
  const client = new KeyValueClient(addresses())
  expect(await client.put('a', '1')).toEqual({ outcome: 'acknowledged', index: 2 })
  client.close()
})

test('a write whose outcome is unknown is not sent again', async () => {
  answers[0] = () => ({ status: 504, body: { error: 'ERR_RAFT_LEADERSHIP_LOST', outcome: 'unknown' } })
  const client = new KeyValueClient(addresses())
  expect(await client.put('a', '1')).toMatchObject({ outcome: 'unknown' })
  expect(asked).toEqual(['0 PUT kv/a'])
  client.close()
})

test('a connection that breaks leaves the outcome unknown; one that was never made does not', async () => {
  const [gone, there] = addresses()
  const client = new KeyValueClient([gone ?? '', there ?? ''])
  answers[0] = () => {
    throw new Error('the server breaks the connection')
  }
  expect(await client.put('a', '1')).toMatchObject({ outcome: 'unknown' })
  await servers.shift()?.close()
  const other = new KeyValueClient([gone ?? '', there ?? ''])
  expect(await other.put('b', '1')).toMatchObject({ outcome: 'acknowledged' })
  expect(asked).toEqual(['0 PUT kv/a', '1 PUT kv/b'])
  client.close()
  other.close()
})

test('a load writes unique values, as many as it is told', async () => {
  const ledger = new Ledger()
  await new Load({ addresses: addresses(), ledger, prefix: 'x', clients: 3, limit: 100 }).finished()
  expect(ledger.acknowledged).toHaveLength(100)
  expect(new Set(ledger.writes.map(({ key }) => key)).size).toBe(100)
})

test('ports that are in use are found', async () => {
  const [port = 0] = servers.map((server) => server.port)
  expect(await takenPorts(port, 1)).toEqual([port])
  expect(await takenPorts(await freePortBase(20), 20)).toEqual([])
})
