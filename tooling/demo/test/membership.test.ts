import { LeadershipLostError, type Logger } from '@raft/core'
import { expect, test } from 'vitest'
import { type Answer } from '../src/http/exchange.ts'
import { HTTPServer } from '../src/http/server.ts'
import { announce, joinCluster } from '../src/membership.ts'
import { readNodeOptions } from '../src/node-options.ts'
import { FakeReplica, fakeStore } from './fake-replica.ts'

class Leading extends FakeReplica {
  readonly changes: boolean[] = [true]

  async *leadershipChanges(): AsyncIterable<boolean> {
    yield* this.changes
  }
}

test('a new leader writes down where it answers HTTP, once', async () => {
  const raft = new Leading()
  raft.changes.push(false, true)
  await announce(raft, fakeStore(raft))
  expect(raft.machine.state.members).toEqual(new Map([['n1', '127.0.0.1:0']]))
  expect(raft.calls).toEqual(['barrier', 'apply', 'barrier'])
})

test('it tries again while it leads, and not when it leads no more', async () => {
  const raft = new Leading()
  raft.failWith = new LeadershipLostError()
  raft.onCall = () => {
    if (raft.calls.length === 2) raft.failWith = undefined
  }
  await announce(raft, fakeStore(raft))
  expect(raft.calls).toEqual(['barrier', 'barrier', 'barrier', 'apply'])
  const gone = new Leading()
  gone.failWith = new LeadershipLostError()
  gone.onCall = () => {
    gone.state = 'Follower'
  }
  await announce(gone, fakeStore(gone))
  expect(gone.calls).toEqual(['barrier'])
})

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

async function join(answers: ((asked: string[]) => Answer)[], raft = new FakeReplica()): Promise<string[]> {
  const asked: string[] = []
  const server = await HTTPServer.listen({ host: '127.0.0.1', port: 0 }, ({ path, body }) => {
    asked.push(`${path} ${new TextDecoder().decode(body)}`)
    return answers[asked.length - 1]?.(asked) ?? { status: 500, body: {} }
  })
  const place = ['--id', 'n4', '--raft', '127.0.0.1:4', '--http', '127.0.0.1:5', '--data', '.']
  const options = readNodeOptions([...place, '--join', `127.0.0.1:${server.port}`], {})
  if (options === undefined) throw new Error('no options')
  await joinCluster(options, { raft, logger: silent, signal: new AbortController().signal })
  await server.close()
  return asked
}

test('a new node asks until it is let in', async () => {
  const request = 'admin/add-voter {"id":"n4","address":"127.0.0.1:4"}'
  const asked = await join([
    () => ({ status: 503, body: { outcome: 'rejected' } }),
    () => ({ status: 504, body: { outcome: 'unknown' } }),
    () => ({ status: 200, body: { index: 9 } }),
  ])
  expect(asked).toEqual([request, request, request])
})

test('a node that has its vote already does not ask', async () => {
  const raft = new FakeReplica()
  raft.servers.push({ suffrage: 'Voter', id: 'n4', address: '127.0.0.1:4' })
  expect(await join([], raft)).toEqual([])
})
