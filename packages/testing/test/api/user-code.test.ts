import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type BatchingFSM,
  type Configuration,
  type ConfigurationStore,
  type FSM,
  type FSMSnapshot,
  type Log,
  LogType,
  type SnapshotSource,
} from '@raft/core'
import { describe, test } from 'vitest'
import { MockFSM, type MockFSMConfigStore, SimulatedClock } from '../../src/index.ts'
import { applyAll, bytes, failureOf, fate, simulated, text, texts } from './support.ts'

/** A state machine with everything optional, all of which takes time. */
class FullMachine implements BatchingFSM<string>, ConfigurationStore<string> {
  readonly story: string[] = []
  commands: string[] = []
  /** Calls under way: never two. */
  #open = 0
  readonly #clock: SimulatedClock

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

  apply(): string {
    throw new Error('it takes batches')
  }

  async applyBatch(logs: readonly Log[]): Promise<readonly string[]> {
    await this.#alone(3)
    return logs.map(({ type, data, index }) => {
      this.story.push(type === LogType.Configuration ? `${index} configuration entry` : `${index} ${text(data)}`)
      if (type === LogType.Command) this.commands.push(text(data))
      return `did ${text(data)}`
    })
  }

  async storeConfiguration(index: number, { servers }: Configuration): Promise<void> {
    await this.#alone(3)
    this.story.push(`${index} stored ${servers.length}`)
  }

  async snapshot(): Promise<FSMSnapshot> {
    await this.#alone(3)
    const state = bytes(JSON.stringify(this.commands))
    return { persist: (sink) => sink.write(state), release: () => undefined }
  }

  async restore(source: SnapshotSource): Promise<void> {
    await this.#alone(3)
    const chunks: string[] = []
    for await (const chunk of source) chunks.push(text(chunk))
    this.commands = JSON.parse(chunks.join('')) as string[]
  }

  async #alone(duration: number): Promise<void> {
    equal(this.#open, 0, 'calls do not overlap')
    this.#open += 1
    await new Promise<void>((resolve) => this.#clock.setTimer(resolve, duration))
    this.#open -= 1
  }
}

describe('a state machine that takes batches, is told configurations, and takes its time (Q13)', () => {
  test('gets both, in order, and answers each command', async () => {
    const clock = new SimulatedClock()
    const { cluster } = await simulated<string>(1, { clock, makeFSM: () => new FullMachine(clock) })
    const { raft, fsm } = await cluster.leader()
    const before = raft.apply(bytes('a'))
    const changed = raft.addNonvoter('b', 'nowhere')
    const after = [raft.apply(bytes('b')), raft.apply(bytes('c'))]
    const results = await cluster.settle(Promise.all([before, ...after]))
    const { index } = await cluster.settle(changed)
    await cluster.until(() => raft.appliedIndex === raft.lastIndex, 'all is applied')
    deepEqual(
      results.map(({ response }) => response),
      ['did a', 'did b', 'did c'],
    )
    const machine = fsm as FullMachine
    const commands = results.map((result, at) => `${result.index} ${['a', 'b', 'c'][at]}`)
    const configurations = [`1 configuration entry`, '1 stored 1', `${index} configuration entry`, `${index} stored 2`]
    deepEqual(machine.story.toSorted(byIndex), [...commands, ...configurations].toSorted(byIndex))
    deepEqual(machine.story, machine.story.toSorted(byIndex))
    await cluster.close()
  })

  test('is snapshotted and restored between batches', async () => {
    const clock = new SimulatedClock()
    const { cluster } = await simulated<string>(3, {
      clock,
      conf: { trailingLogs: 0 },
      makeFSM: () => new FullMachine(clock),
    })
    const leader = await cluster.leader()
    const away = cluster.inState('Follower')[0]!
    cluster.disconnect(away.id)
    const commands = texts('a', 10)
    await cluster.settle(Promise.all(commands.map((command) => leader.raft.apply(bytes(command)))))
    const last = leader.raft.apply(bytes('last'))
    await cluster.settle(leader.raft.snapshot())
    await cluster.settle(last)
    cluster.reconnect(away.id)
    const all = [...commands, 'last']
    const same = (): boolean => cluster.nodes.every(({ fsm }) => (fsm as FullMachine).commands.join() === all.join())
    await cluster.until(same, 'the follower has caught up by the snapshot')
    await cluster.close()
  })
})

/** In the order of the log; what is of one entry keeps its order. */
function byIndex(left: string, right: string): number {
  return Number.parseInt(left, 10) - Number.parseInt(right, 10)
}

test('the applied index is what is applied, not what is queued (Q5), and a barrier waits for it', async () => {
  const clock = new SimulatedClock()
  const { cluster } = await simulated<string>(1, { clock, makeFSM: () => new FullMachine(clock) })
  const { raft } = await cluster.leader()
  await cluster.settle(raft.barrier())
  const applied = raft.appliedIndex
  const call = raft.apply(bytes('slow'))
  await cluster.until(() => raft.commitIndex > applied, 'the command is committed')
  equal(raft.appliedIndex, applied)
  equal(raft.stats().applied_index, String(applied))
  ok(Number(raft.stats().fsm_pending) >= 0)
  await cluster.settle(raft.barrier())
  ok(raft.appliedIndex > applied)
  equal((await call).response, 'did slow')
  await cluster.close()
})

describe('an error', () => {
  class Choosy extends MockFSM {
    override apply(log: Log): number {
      if (text(log.data) === 'throw') throw new Error('cannot')
      if (text(log.data) === 'return') return new Error('will not') as unknown as number
      return super.apply(log)
    }
  }

  test('that is returned is a response, on every node', async () => {
    const { cluster } = await simulated(3, { makeFSM: () => new Choosy() })
    const { raft } = await cluster.leader()
    const { response } = await cluster.settle(raft.apply(bytes('return')))
    equal((response as unknown as Error).message, 'will not')
    await applyAll(cluster, raft, ['a'])
    ok(cluster.nodes.every((node) => node.raft.failure === undefined))
    await cluster.close()
  })

  test('that one state machine throws stops that node and no other', async () => {
    let made = 0
    const makeFSM = (): FSM<number> => (++made === 1 ? new Choosy() : new MockFSM())
    const { cluster } = await simulated(3, { makeFSM })
    const broken = cluster.nodes[0]!
    const leader = await cluster.leader()
    if (leader === broken) {
      const { id, address } = cluster.inState('Follower')[0]!
      await cluster.settle(leader.raft.leadershipTransferToServer(id, address))
    }
    const { raft } = await cluster.leader()
    const { index } = await cluster.settle(raft.apply(bytes('throw')))
    await cluster.until(() => broken.raft.state === 'Shutdown', 'the broken node has stopped itself')
    deepEqual(
      [broken.raft.failure?.name, broken.raft.failure?.message],
      ['FSMError', `the state machine failed on entry ${index}: cannot`],
    )
    const after = await failureOf(broken.raft.apply(bytes('x')))
    deepEqual([after.code, after.cause], ['ERR_RAFT_SHUTDOWN', broken.raft.failure])
    await applyAll(cluster, raft, ['the others go on'])
    await cluster.close()
  })

  test('that it throws on the leader leaves the command unknown', async () => {
    const { cluster } = await simulated(1, { makeFSM: () => new Choosy() })
    const { raft } = await cluster.leader()
    equal(await cluster.settle(fate(raft.apply(bytes('throw')))), 'SHUTDOWN unknown')
    await cluster.close()
  })
})

test('a snapshot can be read again by whoever took it, and says what it holds', async () => {
  const { cluster } = await simulated(1, { configStoreFSM: true })
  const { raft, fsm } = await cluster.leader()
  equal(await fate(raft.snapshot()), 'resolved')
  equal(await fate(raft.snapshot()), 'NOTHING_NEW_TO_SNAPSHOT rejected')
  await applyAll(cluster, raft, texts('a', 10))
  const { meta, open } = await cluster.settle(raft.snapshot())
  deepEqual([meta.index, meta.term, meta.version], [raft.lastIndex, raft.currentTerm, 1])
  deepEqual(meta.configuration, raft.getConfiguration().configuration)
  for (let time = 0; time < 2; time++) {
    const reader = await open()
    let size = 0
    for await (const chunk of reader) size += chunk.length
    await reader.close()
    equal(size, meta.size)
  }
  equal((fsm as MockFSMConfigStore).configurations.length, 1)
  await cluster.close()
})
