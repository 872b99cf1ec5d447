import {
  AbortedError,
  CommandTooLargeError,
  EnqueueTimeoutError,
  LeadershipLostError,
  NotLeaderError,
  NothingNewToSnapshotError,
  StoreError,
} from '@raft/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { encodeCommand } from '../src/command.ts'
import { api } from '../src/http/api.ts'
import { HTTPServer } from '../src/http/server.ts'
import { FakeReplica, fakeStore } from './fake-replica.ts'

let replica = new FakeReplica()
let server: HTTPServer
let base = ''

beforeAll(async () => {
  server = await HTTPServer.listen({ host: '127.0.0.1', port: 0 }, (request) => api(fakeStore(replica))(request))
  base = `http://127.0.0.1:${server.port}`
})
afterAll(() => server.close())
beforeEach(() => {
  replica = new FakeReplica()
})

function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

async function call(method: string, path: string, options: { body?: BodyInit; headers?: HeadersInit } = {}) {
  const response = await fetch(base + path, { method, redirect: 'manual', ...options })
  const text = await response.text()
  const json = response.headers.get('content-type') === 'application/json'
  return { status: response.status, headers: response.headers, body: json ? (JSON.parse(text) as unknown) : text }
}

test('a value is set, read and removed', async () => {
  expect(await call('PUT', '/kv/a%20b/c', { body: 'one' })).toMatchObject({
    status: 200,
    body: { key: 'a b/c', index: 1, existed: false, version: 1 },
  })
  const read = await call('GET', '/kv/a%20b/c')
  expect(read).toMatchObject({ status: 200, body: 'one' })
  expect(read.headers.get('etag')).toBe('"1"')
  expect((await call('GET', '/kv')).body).toEqual({ 'a b/c': 'one' })
  expect((await call('DELETE', '/kv/a%20b/c')).body).toEqual({ key: 'a b/c', index: 2, existed: true })
  expect((await call('GET', '/kv/a%20b/c')).status).toBe(404)
})

test('a value is bytes, and comes back as they were', async () => {
  const body = Uint8Array.from({ length: 256 }, (_, index) => index)
  await call('PUT', '/kv/bytes', { body })
  const response = await fetch(`${base}/kv/bytes`)
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(body)
})

test('a condition that does not hold changes nothing and says how things are', async () => {
  await call('PUT', '/kv/a', { body: '1', headers: { 'if-none-match': '*' } })
  const again = await call('PUT', '/kv/a', { body: '2', headers: { 'if-none-match': '*' } })
  expect(again).toMatchObject({ status: 412, body: { outcome: 'rejected' } })
  expect(again.headers.get('etag')).toBe('"1"')
  expect((await call('PUT', '/kv/a', { body: '3', headers: { 'if-match': '"1"' } })).status).toBe(200)
  expect((await call('DELETE', '/kv/a', { headers: { 'if-match': '"1"' } })).status).toBe(412)
  expect((await call('GET', '/kv/a')).body).toBe('3')
})

test('a read asks the node whether it may; a local one does not', async () => {
  await call('GET', '/kv/a')
  expect(replica.calls).toEqual(['read'])
  await call('GET', '/kv/a?local')
  expect(replica.calls).toEqual(['read'])
})

const wrong = [
  { method: 'POST', path: '/kv/a', status: 405 },
  { method: 'PUT', path: '/kv', status: 405 },
  { method: 'GET', path: '/nothing', status: 404 },
  { method: 'GET', path: '/kv/%ff', status: 400 },
  { method: 'GET', path: `/kv/${'k'.repeat(1_025)}`, status: 400 },
  { method: 'PUT', path: '/kv/a', status: 400, headers: { 'if-match': '*' } },
  { method: 'POST', path: '/admin/fly', status: 404 },
  { method: 'GET', path: '/admin/snapshot', status: 405 },
  { method: 'POST', path: '/admin/remove', status: 400, body: '{}' },
  { method: 'POST', path: '/admin/remove', status: 400, body: '[1]' },
  { method: 'POST', path: '/admin/transfer', status: 404, body: '{"id":"n9"}' },
  { method: 'PUT', path: '/kv/a', status: 413, body: new Uint8Array(1_048_577) },
]
for (const { method, path, status, ...options } of wrong) {
  test(`${method} ${path.slice(0, 20)} ${JSON.stringify(options).slice(0, 40)} is refused with ${status}`, async () => {
    expect(await call(method, path, options)).toMatchObject({ status, body: { outcome: 'rejected' } })
    expect(replica.calls).toEqual([])
  })
}

const failures = [
  { error: new LeadershipLostError(), status: 504, outcome: 'unknown' },
  { error: new AbortedError({ outcome: 'unknown' }), status: 504, outcome: 'unknown' },
  { error: new StoreError('the disk is gone'), status: 504, outcome: 'unknown' },
  { error: new AbortedError({ outcome: 'rejected' }), status: 503, outcome: 'rejected' },
  { error: new EnqueueTimeoutError(), status: 503, outcome: 'rejected' },
  { error: new CommandTooLargeError(2, 1), status: 413, outcome: 'rejected' },
  { error: new NothingNewToSnapshotError(), status: 409, outcome: 'rejected' },
]
for (const { error, status, outcome } of failures) {
  test(`${error.name} with the outcome ${outcome} is answered with ${status}, and tried once`, async () => {
    replica.failWith = error
    const answer = await call('PUT', '/kv/a', { body: '1' })
    expect(answer).toMatchObject({ status, body: { error: error.code, message: error.message, outcome } })
    expect(replica.calls).toEqual(['apply'])
  })
}

test('a follower sends clients to the leader, once it knows where that answers HTTP', async () => {
  replica.state = 'Follower'
  replica.leader = { id: 'n2', address: '127.0.0.1:2' }
  replica.failWith = new NotLeaderError(replica.leader)
  expect(await call('PUT', '/kv/a', { body: '1' })).toMatchObject({ status: 503, body: { outcome: 'rejected' } })
  const data = encodeCommand({ op: 'member', id: 'n2', http: '127.0.0.1:8002' })
  replica.machine.apply({ index: 1, term: 1, type: 0, data })
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await call(method, '/kv/a%20b?x=1')
    expect(answer).toMatchObject({ status: 307, body: { outcome: 'rejected', leader: { id: 'n2' } } })
    expect(answer.headers.get('location')).toBe('http://127.0.0.1:8002/kv/a%20b?x=1')
  }
  replica.leader = undefined
  expect(await call('GET', '/kv/a')).toMatchObject({ status: 503 })
})

test('the membership is changed, leadership handed over, a snapshot taken', async () => {
  const post = (action: string, body: object) => call('POST', `/admin/${action}`, { body: JSON.stringify(body) })
  await post('add-voter', { id: 'n4', address: '127.0.0.1:4' })
  await post('add-nonvoter', { id: 'n5', address: '127.0.0.1:5' })
  await post('demote', { id: 'n4' })
  await post('remove', { id: 'n4' })
  await post('transfer', {})
  await post('transfer', { id: 'n1' })
  await post('barrier', {})
  expect((await post('snapshot', {})).body).toMatchObject({ snapshot: { id: '2-1-1', size: 100 } })
  expect(replica.calls).toEqual([
    'addVoter n4 127.0.0.1:4',
    'addNonvoter n5 127.0.0.1:5',
    'demoteVoter n4',
    'removeServer n4',
    'leadershipTransfer',
    'leadershipTransferToServer n1 127.0.0.1:1',
    'barrier',
    'snapshot',
  ])
})

test('the status tells who and where', async () => {
  await call('PUT', '/kv/a', { body: '1' })
  expect((await call('GET', '/status')).body).toMatchObject({
    id: 'n1',
    pid: process.pid,
    state: 'Leader',
    term: 2,
    log: { first: 1, last: 1 },
    configuration: { index: 1, servers: [{ id: 'n1', suffrage: 'Voter' }] },
    store: { keys: 1, applied: 1, restored: { times: 0 } },
  })
})

test('a dump has everything, in the order of the log', async () => {
  const values = Array.from({ length: 2_500 }, (_, index) => `v${index}`)
  for (const value of values) {
    await replica.apply(encodeCommand({ op: 'put', key: `k-${value}`, value: Buffer.from(value) }))
  }
  const { body } = await call('GET', '/dump')
  const { entries, applied, appliedIndex } = body as { entries: unknown[]; applied: number; appliedIndex: number }
  expect({ applied, appliedIndex }).toEqual({ applied: 2_500, appliedIndex: 2_500 })
  expect(entries).toEqual(values.map((value, at) => [`k-${value}`, Buffer.from(value).toString('base64'), at + 1, 1]))
})

test('closing waits for what is under way and ends the connections', async () => {
  const arrived = gate()
  const released = gate()
  const other = await HTTPServer.listen({ host: '127.0.0.1', port: 0 }, async () => {
    arrived.open()
    await released.opened
    return { status: 200, body: { late: true } }
  })
  const url = `http://127.0.0.1:${other.port}/`
  const pending = fetch(url)
  await arrived.opened
  const closed = other.close()
  released.open()
  expect(await (await pending).json()).toEqual({ late: true })
  await closed
  await expect(fetch(url)).rejects.toThrow()
})
