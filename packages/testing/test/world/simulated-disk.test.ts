import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type Log, LogType } from '@raft/core'
import { describe, test } from 'vitest'
import { testLogStore, testSnapshotStore, testStableStore } from '../../src/conformance/index.ts'
import { SeededRandom, SimulatedClock } from '../../src/index.ts'
import type { DiskKind } from '../../src/world/disk-conditions.ts'
import { type DiskStores, SimulatedDisk } from '../../src/world/simulated-disk.ts'
import { SimulatedProcess } from '../../src/world/simulated-process.ts'
import { pump } from '../support/pump.ts'

/** A disk, the process that uses it, and its stores. */
class Machine {
  readonly clock = new SimulatedClock()
  readonly disk: SimulatedDisk
  process: SimulatedProcess
  stores: DiskStores
  readonly stop: () => void

  constructor(kind: Partial<DiskKind> = {}, seed = 1) {
    this.disk = new SimulatedDisk({ clock: this.clock, random: new SeededRandom(seed), kind })
    this.process = new SimulatedProcess({ name: 'p', clock: this.clock })
    this.stores = this.disk.open(this.process)
    this.stop = pump(this.clock)
  }

  /** The power fails, and the machine starts again. */
  restart(): DiskStores {
    this.process.kill()
    this.disk.crash()
    this.process = new SimulatedProcess({ name: 'p', clock: this.clock })
    this.stores = this.disk.open(this.process)
    return this.stores
  }
}

const machines = new WeakMap<object, Machine>()

function made<K extends keyof DiskStores>(name: K, kind?: Partial<DiskKind>): DiskStores[K] {
  const machine = new Machine(kind)
  machines.set(machine.stores[name], machine)
  return machine.stores[name]
}

function setup<K extends keyof DiskStores>(name: K, kind?: Partial<DiskKind>) {
  return {
    create: () => made(name, kind),
    reopen: (store: DiskStores[K]) => {
      const machine = machines.get(store)!
      const reopened = machine.restart()[name]
      machines.set(reopened, machine)
      return reopened
    },
    dispose: (store: DiskStores[K]) => machines.get(store)!.stop(),
  }
}

describe('one file with transactions', () => {
  testLogStore(test, setup('logs'))
  testStableStore(test, setup('stable'))
  testSnapshotStore(test, setup('snapshots'))
})

describe('two files, slow reads, early sight', () => {
  const kind = { atomicWrite: false, slowReads: true, showsEarly: true }
  testLogStore(test, setup('logs', kind))
  testStableStore(test, setup('stable', kind))
})

describe('a crash', () => {
  test('leaves of an unfinished write all or nothing', async () => {
    const seen = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const machine = new Machine({}, seed)
      await machine.stores.logs.storeLogs([entry(1), entry(2)])
      machine.stores.logs.storeLogs([entry(3), entry(4)]).catch(() => {})
      const { logs } = machine.restart()
      seen.add(await logs.lastIndex())
      machine.stop()
    }
    deepEqual(
      [...seen].toSorted((one, other) => one - other),
      [2, 4],
    )
  })

  test('leaves of an unfinished removal some, and no gap', async () => {
    const seen = new Set<number>()
    for (let seed = 1; seed <= 30; seed++) {
      const machine = new Machine({}, seed)
      await machine.stores.logs.storeLogs([1, 2, 3, 4, 5, 6].map(entry))
      machine.stores.logs.deleteRange(1, 4).catch(() => {})
      const { logs } = machine.restart()
      const first = await logs.firstIndex()
      seen.add(first)
      equal((await logs.getLogs({ from: first, through: 6, maxBytes: Infinity })).length, 7 - first)
      machine.stop()
    }
    ok(seen.size >= 3, `first indexes ${[...seen].join(' ')}`)
  })

  test('loses what a lying disk has promised, and an honest one keeps it', async () => {
    for (const liesFor of [0, 1_000]) {
      const machine = new Machine({ liesFor })
      await machine.stores.logs.storeLogs([entry(1)])
      equal(await machine.stores.logs.lastIndex(), 1)
      equal(await machine.restart().logs.lastIndex(), liesFor === 0 ? 1 : 0)
      machine.stop()
    }
  })

  test('nothing that a dead process has asked for ever ends', async () => {
    const machine = new Machine()
    let ended = false
    machine.stores.logs
      .storeLogs([entry(1)])
      .finally(() => (ended = true))
      .catch(() => {})
    machine.restart()
    await machine.stores.logs.storeLogs([entry(2)])
    equal(ended, false)
    machine.stop()
  })
})

describe('faults', () => {
  test('a disk that hangs finishes nothing until it is released', async () => {
    const machine = new Machine()
    machine.disk.hang()
    let done = false
    const write = machine.stores.logs.storeLogs([entry(1)]).then(() => (done = true))
    await new Promise((resolve) => machine.clock.setTimer(() => resolve(undefined), 1_000))
    equal(done, false)
    machine.disk.release()
    await write
    machine.stop()
  })

  test('a full disk, and one that fails, refuse', async () => {
    const machine = new Machine()
    machine.disk.conditions = { ...machine.disk.conditions, full: true }
    await rejects(machine.stores.logs.storeLogs([entry(1)]), /no space left on device/)
    machine.disk.conditions = { ...machine.disk.conditions, full: false, failures: 1 }
    await rejects(machine.stores.logs.storeLogs([entry(1)]), /input\/output error/)
    machine.stop()
  })

  test('a rotten entry cannot be read until it is written again', async () => {
    const machine = new Machine()
    const { logs } = machine.stores
    await logs.storeLogs([entry(1), entry(2)])
    machine.disk.rot(2)
    await rejects(async () => logs.getLog(2), { code: 'ERR_RAFT_CORRUPT' })
    await rejects(async () => logs.getLogs({ from: 1, through: 2, maxBytes: Infinity }), { code: 'ERR_RAFT_CORRUPT' })
    await logs.storeLogs([entry(2)])
    equal((await logs.getLog(2)).index, 2)
    machine.stop()
  })

  test('two writes at a time in one file are noticed', async () => {
    const machine = new Machine()
    const complaints: string[] = []
    machine.disk.observer = { misused: (complaint) => complaints.push(complaint) }
    await Promise.all([machine.stores.logs.storeLogs([entry(1)]), machine.stores.stable.setUint64('x', 1)])
    equal(complaints.length, 1)
    machine.stop()
  })
})

function entry(index: number): Log {
  return { index, term: 1, type: LogType.Command, data: Uint8Array.of(index) }
}
