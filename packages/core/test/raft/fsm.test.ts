import { expect, test } from 'vitest'
import type { Configuration } from '../../src/types/configuration.ts'
import { type Log, LogType, logTypeName } from '../../src/types/log.ts'
import { bytes, Cluster } from './harness/cluster.ts'
import { ListMachine } from './harness/list-machine.ts'

const text = (log: Log): string => (log.data === undefined ? '-' : new TextDecoder().decode(log.data))

/** Starts a single node with the FSM; it has led and applied its first entry. */
async function withMachine<M extends ListMachine>(machine: M): Promise<{ cluster: Cluster; machine: M }> {
  const cluster = new Cluster()
  const member = cluster.add('a')
  await member.start(cluster, { fsm: machine })
  await cluster.wait(member.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'a', address: 'a' }] }))
  await cluster.leader()
  return { cluster, machine }
}

test('an answer leaves before the FSM is given what the request commits', async () => {
  const happened: string[] = []
  class Telling extends ListMachine {
    override apply(log: Log): number | Promise<number> {
      happened.push(`applies ${log.index}`)
      return super.apply(log)
    }
  }
  const cluster = new Cluster()
  const member = cluster.add('a')
  await member.start(cluster, { fsm: new Telling() })
  const command = {
    header: { protocolVersion: 3, id: bytes('b'), address: bytes('b:1') },
    term: 5,
    leader: bytes('b:1'),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries: [{ index: 1, term: 5, type: LogType.Command, data: bytes('x') }],
    leaderCommitIndex: 1,
  }
  // As a connection does: what is said leaves once what runs now has returned.
  const respond = (): void => queueMicrotask(() => happened.push('answered'))
  member.transport.hand({ type: 'appendEntries', command, reader: undefined, respond })
  await cluster.clock.until(() => member.raft.appliedIndex === 1)
  expect(happened).toEqual(['answered', 'applies 1'])
  await cluster.stop()
})

test('calls of an asynchronous FSM never overlap, and answers come with applied entries', async () => {
  class Slow extends ListMachine {
    open = 0
    most = 0

    override async apply(log: Log): Promise<number> {
      this.open += 1
      this.most = Math.max(this.most, this.open)
      await Promise.resolve()
      this.open -= 1
      return super.apply(log)
    }
  }
  const { cluster, machine } = await withMachine(new Slow())
  const { raft } = cluster.members[0]!
  const seen: boolean[] = []
  const calls = ['a', 'b', 'c'].map((each) =>
    raft.apply(bytes(each)).then(({ index, response }) => {
      seen.push(raft.appliedIndex >= index)
      return response
    }),
  )
  expect(await cluster.wait(Promise.all(calls))).toEqual([1, 2, 3])
  expect(machine.most).toBe(1)
  expect(seen).toEqual([true, true, true])
  await cluster.stop()
})

test('a batching FSM gets commands and configurations, in order, and one answer maps to each', async () => {
  class Batching extends ListMachine {
    batches: string[][] = []
    stored: string[] = []

    applyBatch(logs: readonly Log[]): number[] {
      this.batches.push(logs.map((log) => (log.type === 0 ? text(log) : logTypeName(log.type))))
      return logs.map((log) => log.index * 10)
    }

    storeConfiguration(index: number, { servers }: Configuration): void {
      this.stored.push(`${index}: ${servers.map(({ id }) => id).join(' ')} after ${this.batches.length} batches`)
    }
  }
  const { cluster, machine } = await withMachine(new Batching())
  const { raft } = cluster.members[0]!
  expect(machine.batches).toEqual([['LogConfiguration']])
  const calls = [raft.apply(bytes('x')), raft.barrier(), raft.apply(bytes('y'))]
  const [x, , y] = await cluster.wait(Promise.all(calls))
  expect(x).toEqual({ index: 3, response: 30 })
  expect(y).toEqual({ index: 5, response: 50 })
  await cluster.wait(raft.addNonvoter('b', 'b'))
  await cluster.wait(raft.apply(bytes('z')))
  expect(machine.batches).toEqual([['LogConfiguration'], ['x', 'y'], ['LogConfiguration'], ['z']])
  expect(machine.stored).toEqual(['1: a after 1 batches', '6: a b after 3 batches'])
  await cluster.stop()
})

test('the wrong number of answers stops the node', async () => {
  class Wrong extends ListMachine {
    applyBatch(logs: readonly Log[]): number[] {
      return logs.slice(1).map(() => 0)
    }
  }
  const cluster = new Cluster()
  const member = cluster.add('a')
  await member.start(cluster, { fsm: new Wrong() })
  await cluster.wait(member.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'a', address: 'a' }] }))
  await cluster.clock.until(() => member.raft.state === 'Shutdown')
  expect(member.raft.failure?.message).toBe('the state machine failed on entry 1: invalid number of responses')
})

test('storeConfiguration comes in order with the commands, and not below protocol version 3', async () => {
  class Storing extends ListMachine {
    storeConfiguration(index: number, { servers }: Configuration): void {
      this.commands.push(`${index}:${servers.map(({ suffrage }) => suffrage).join(' ')}`)
    }
  }
  const machine = new Storing()
  const cluster = new Cluster()
  const member = cluster.add('a')
  await member.start(cluster, { fsm: machine })
  await cluster.wait(member.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'a', address: 'a' }] }))
  await cluster.leader()
  await cluster.wait(member.raft.apply(bytes('x')))
  await cluster.wait(member.raft.addNonvoter('b', 'b'))
  expect(machine.commands).toEqual(['1:Voter', 'x', '4:Voter Nonvoter'])
  await cluster.stop()

  const old = new Storing()
  const legacy = cluster.add('c', { protocolVersion: 2 })
  await legacy.start(cluster, { fsm: old })
  await cluster.wait(legacy.raft.bootstrapCluster({ servers: [{ suffrage: 'Voter', id: 'c', address: 'c' }] }))
  await cluster.clock.until(() => legacy.raft.state === 'Leader')
  await cluster.wait(legacy.raft.apply(bytes('x')))
  expect(old.commands).toEqual(['x'])
  await cluster.stop()
})

test('an entry keeps its data, its extensions and the time of its leader', async () => {
  const seen: Log[] = []
  class Keeping extends ListMachine {
    override apply(log: Log): number {
      seen.push(log)
      return 0
    }
  }
  const { cluster } = await withMachine(new Keeping())
  const { raft } = cluster.members[0]!
  const command = bytes('first')
  const first = raft.applyLog({ data: command, extensions: bytes('more') })
  command.fill(0)
  await cluster.wait(Promise.all([first, raft.applyLog({})]))
  expect(seen.map(text)).toEqual(['first', '-'])
  expect(seen[0]!.extensions).toEqual(bytes('more'))
  expect(seen[1]!.extensions).toBeUndefined()
  expect(seen[0]!.appendedAt).toMatchObject({ seconds: Math.floor(cluster.clock.now() / 1_000) })
  await cluster.stop()
})

test('much to apply leaves others their turns', async () => {
  const cluster = await Cluster.start(1)
  const { raft, machine } = await cluster.leader()
  const slices: number[] = []
  let begun = cluster.clock.now()
  const apply = machine.apply.bind(machine)
  machine.apply = (log) => {
    cluster.clock.skip(1)
    return apply(log)
  }
  const { endOfTurn } = cluster.clock
  cluster.clock.endOfTurn = (fn) => {
    slices.push(cluster.clock.now() - begun)
    endOfTurn.call(cluster.clock, () => {
      begun = cluster.clock.now()
      fn()
    })
  }
  await cluster.wait(Promise.all(Array.from({ length: 500 }, () => raft.apply(bytes('x')))))
  expect(machine.commands).toHaveLength(500)
  expect(slices.filter((slice) => slice > 0).length).toBeGreaterThan(20)
  expect(Math.max(...slices)).toBeLessThanOrEqual(20)
  await cluster.stop()
})
