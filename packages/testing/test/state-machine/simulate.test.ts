import { equal, match, ok, rejects } from 'node:assert/strict'
import type { Awaitable, FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import { describe, test } from 'vitest'
import { type FaultSettings, simulate, SimulationError } from '../../src/index.ts'
import { type Answered, clients, decode, encode, model, Scores } from './scores.ts'

/** Enough snapshots and restarts for every machine to have been restored. */
const faults: FaultSettings = { crash: 4, snapshot: 2 }

const restless = { faults, duration: 15_000, clients }

describe('a right state machine passes', () => {
  test('a synchronous one, with a model', { timeout: 60_000 }, async () => {
    let answered = 0
    for (let seed = 1; seed <= 15; seed++) {
      const { operations, history } = await simulate({ ...restless, seed, fsm: () => new Scores(), model })
      answered += operations.answered
      equal(history, 'linearizable')
    }
    equal((await simulate({ ...restless, seed: 1, fsm: () => new Scores() })).history, undefined)
    ok(answered > 1_000, `${answered}`)
  })

  test('an asynchronous one', async () => {
    class Slow extends Scores {
      override async apply(log: Log): Promise<Answered | Error> {
        await Promise.resolve()
        return await super.apply(log)
      }
    }
    for (let seed = 1; seed <= 5; seed++) await simulate({ ...restless, seed, fsm: () => new Slow(), model })
  })

  test('one that takes batches, and is told the configurations', async () => {
    let batches = 0
    let configurations = 0
    class Batching extends Scores {
      async applyBatch(logs: readonly Log[]): Promise<readonly (Answered | Error)[]> {
        if (logs.length > 1) batches += 1
        const answers: (Answered | Error)[] = []
        for (const log of logs) answers.push(log.type === 0 ? await this.apply(log) : 0)
        return answers
      }

      storeConfiguration(): void {
        configurations += 1
      }
    }
    for (let seed = 1; seed <= 5; seed++) {
      await simulate({ ...restless, seed, faults: { ...faults, membership: 5 }, fsm: () => new Batching(), model })
    }
    ok(batches > 10 && configurations > 10, `${batches} ${configurations}`)
  })

  test('one whose snapshots differ in bytes that do not matter, if it says what does', async () => {
    class Stamped extends Scores {
      override snapshot(): FSMSnapshot {
        const bytes = encode({ scores: [...this.scores], changes: this.changes, taken: Date.now() })
        return { persist: (sink) => sink.write(bytes), release: () => {} }
      }
    }
    const fsm = (): Stamped => new Stamped()
    await rejects(simulate({ ...restless, seed: 1, fsm }), /If such a difference does not matter/)
    const state = ({ scores, changes }: Stamped): unknown => [scores, changes]
    for (let seed = 1; seed <= 5; seed++) await simulate({ ...restless, seed, fsm, state })
  })

  test('the same seed is the same run', async () => {
    const run = async (): Promise<string> =>
      (await simulate({ ...restless, seed: 3, fsm: () => new Scores(), model })).hash
    equal(await run(), await run())
  })
})

/** The scores in the order of their names, in place of the one in which they came. */
function byName(scores: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...scores].sort(([one], [other]) => (one < other ? -1 : 1))
}

interface Wrong {
  readonly what: string
  readonly make: () => Scores
  readonly error: RegExp
}

const wrong: readonly Wrong[] = [
  {
    what: 'reads the clock in apply',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          return typeof answer === 'number' ? Date.now() : answer
        }
      })(),
    error: /^deterministic apply.*entry \d+, the command .*has two answers: \d+ and \d+[^]*a clock, a random number/,
  },
  {
    what: 'reads the clock after an await',
    make: () =>
      new (class extends Scores {
        override async apply(log: Log): Promise<Answered | Error> {
          const answer = await super.apply(log)
          return typeof answer === 'number' ? performance.timeOrigin + performance.now() : answer
        }
      })(),
    error: /^deterministic apply/,
  },
  {
    what: 'draws a random number that no answer shows',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          this.changes += Math.random()
          return super.apply(log)
        }
      })(),
    error: /^equal replicas.*the snapshots of two copies differ/,
  },
  {
    what: 'restores a Map in another order',
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source)
          this.scores = new Map(byName(this.scores))
        }
      })(),
    error: /^snapshot round trip.*a snapshot of the restored copy is another one[^]*the same parts in another order/,
  },
  {
    what: 'writes a Map in another order',
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: byName(this.scores), changes: this.changes })
          return { persist: (sink) => sink.write(bytes), release: () => {} }
        }
      })(),
    error: /^snapshot round trip.*entry \d+, the command .*best.* has two answers/,
  },
  {
    what: 'loses a field in the snapshot',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          return typeof answer === 'number' ? this.changes : answer
        }

        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: [...this.scores] })
          return { persist: (sink) => sink.write(bytes), release: () => {} }
        }

        override async restore(source: SnapshotSource): Promise<void> {
          this.scores = new Map(((await decode(source)) as { scores: [string, number][] }).scores)
        }
      })(),
    error: /^snapshot round trip.*has two answers[^]*restored from the snapshot of index \d+[^]*a field/,
  },
  {
    what: 'forgets a field when it is restored',
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source)
          this.changes = 0
        }
      })(),
    error: /^snapshot round trip.*restored from the snapshot of index \d+[^]*`restore` forgets or changes/,
  },
  {
    what: 'adds to what was there when it is restored',
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          const before = this.scores
          await super.restore(source)
          this.scores = new Map([...before, ...this.scores, ['zoe', before.size]])
        }
      })(),
    error: /^snapshot round trip/,
  },
  {
    what: 'writes a snapshot that goes on changing',
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          return {
            persist: async (sink) => {
              await sink.write(new Uint8Array(0))
              await sink.write(encode({ scores: [...this.scores], changes: this.changes }))
            },
            release: () => {},
          }
        }
      })(),
    error: /the snapshot that n\d took at index \d+ is not the state of that index[^]*must take a copy/,
  },
  {
    what: 'does not wait for its writes',
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: [...this.scores], changes: this.changes })
          return {
            persist: (sink) => {
              void sink.write(bytes)
            },
            release: () => {},
          }
        }
      })(),
    error: /^persist at.*await each write/,
  },
  {
    what: 'throws its errors',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          if (this.changes === 20) throw new RangeError('too much')
          return super.apply(log)
        }
      })(),
    error:
      /^thrown.*apply of entry \d+, the command .*failed on n\d: RangeError: too much[^]*If it is an answer, return it/,
  },
  {
    what: 'changes the bytes of an entry',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          log.data?.fill(32)
          return answer
        }
      })(),
    error: /^entries are shared.*changed the bytes of entry \d+/,
  },
  {
    what: 'answers wrongly, all copies alike',
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          return this.changes % 30 === 29 && typeof answer === 'number' ? answer + 1 : answer
        }
      })(),
    error:
      /^R1 at.*not linearizable[^]*the state is then \[\["[^]*None of these can come next:\n {2}client \d+: \{ kind: "add"/,
  },
]

/** Seeds within which it is caught, and by the check that is about it. */
const SEEDS = 60

describe('a wrong state machine is caught, in words', () => {
  for (const { what, make, error } of wrong) {
    test(`one that ${what}`, { timeout: 60_000 }, async () => {
      const found: string[] = []
      for (let seed = 1; seed <= SEEDS; seed++) {
        const caught = await simulate({ ...restless, seed, fsm: make, model }).then(
          () => undefined,
          (failure: unknown) => failure,
        )
        if (caught === undefined) continue
        ok(caught instanceof SimulationError, String(caught))
        if (process.env['RAFT_SHOW'] !== undefined) console.log(`seed ${seed}: ${caught.message}\n`)
        match(caught.message, /Replay it with: await simulate\(\{ seed: \d+, faults: .*crash: 4.*\}\)$/)
        if (error.test(caught.message)) return
        found.push(caught.message)
      }
      ok(false, `in ${SEEDS} seeds: ${found.join('\n') || 'nothing'}`)
    })
  }
})

describe('the test itself is wrong', () => {
  const machine: FSM<Answered | Error> = new Scores()
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['no clients', { seed: 1, fsm: () => machine }, /clients is a function/],
    ['no function', { seed: 1, fsm: machine, clients }, /fsm is a function/],
    ['a seed that is none', { seed: 1.5 }, /seed is a whole number/],
    ['a profile that is none', { seed: 1, faults: 'wild' }, /no profile wild; there are mixed/],
    ['a fault that is none', { seed: 1, faults: { fire: 3 } }, /no fault fire; there are crash/],
    ['a rate that is none', { seed: 1, faults: { crash: -1 } }, /faults.crash is the mean number of seconds/],
    ['an operation that is none', { seed: 1, fsm: () => machine, clients: () => ({}) }, /\{ input, command \}/],
  ]
  for (const [what, options, error] of cases) {
    test(what, () => rejects(simulate(options as Parameters<typeof simulate>[0]), error))
  }

  test('an assertion in an answer fails the run', async () => {
    const failing = simulate({
      ...restless,
      seed: 1,
      fsm: () => new Scores(),
      clients: (random, turn) => {
        const operation = clients(random, turn)
        if (operation.command === undefined) return operation
        return { ...operation, answer: (response: Answered | Error) => (equal(typeof response, 'bigint'), response) }
      },
    })
    await rejects(failing, /client at .*answer threw AssertionError/)
  })
})
