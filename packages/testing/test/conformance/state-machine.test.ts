// The suite passes for right state machines, and notices each thing that is wrong with the others.
import { deepEqual, match, ok } from 'node:assert/strict'
import type { Awaitable, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import { describe, test } from 'vitest'
import {
  checkStateMachine,
  stateMachineCases,
  type StateMachineSuiteOptions,
  testStateMachine,
} from '../../src/conformance/index.ts'
import { MockFSM } from '../../src/index.ts'
import { encodeRegister, RegisterMachine } from '../../src/machines/register-machine.ts'
import { type Answered, decode, encode, Scores } from '../state-machine/scores.ts'

const options: StateMachineSuiteOptions<Scores> = {
  command: (random) => encode({ kind: 'add', name: random.pick(['ada', 'bob', 'eve']), points: random.integer(1, 3) }),
  refused: () => encode({ kind: 'take' }),
  state: ({ scores, changes }) => [scores, changes],
}

class Batching extends Scores {
  async applyBatch(logs: readonly Log[]): Promise<readonly (Answered | Error)[]> {
    const answers: (Answered | Error)[] = []
    for (const log of logs) answers.push(await this.apply(log))
    return answers
  }
}

describe('Scores', () => testStateMachine(test, () => new Scores(), options))
describe('Scores in batches, by their bytes', () => {
  testStateMachine(test, () => new Batching(), { command: options.command, commands: 60, seed: 7 })
})
describe('MockFSM', () => testStateMachine(test, () => new MockFSM(), { command: (random) => encode(random.next()) }))
describe('RegisterMachine', () => {
  testStateMachine(test, () => new RegisterMachine(), {
    command: (random, at) => encodeRegister({ kind: 'write', key: `k${random.integer(1, 9)}`, value: `${at}` }),
  })
})

function persisting(persist: FSMSnapshot['persist']): FSMSnapshot {
  return { persist, release: () => {} }
}

interface Wrong {
  readonly what: string
  readonly case: RegExp
  readonly message: RegExp
  readonly make: () => Scores
}

const wrong: readonly Wrong[] = [
  {
    what: 'reads the clock',
    case: /alike in every copy/,
    message: /^deterministic apply: entry 1, the command `.*`, has two answers: "?2020.* and "?2020[^]*a clock/,
    make: () =>
      new (class extends Scores {
        override apply(): Answered {
          return new Date().toISOString()
        }
      })(),
  },
  {
    what: 'draws a random number that no answer shows',
    case: /alike in every copy/,
    message: /^equal replicas: after entry 25/,
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          this.changes += Math.random()
          return super.apply(log)
        }
      })(),
  },
  {
    what: 'answers batches otherwise',
    case: /batches of any size/,
    message: /has two answers/,
    make: () =>
      new (class extends Batching {
        override async applyBatch(logs: readonly Log[]): Promise<readonly (Answered | Error)[]> {
          return (await super.applyBatch(logs)).map((answer) => (logs.length > 1 ? 0 : answer))
        }
      })(),
  },
  {
    what: 'changes the bytes of a command',
    case: /leaves the bytes/,
    message: /bytes of command 1 are shared/,
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          log.data?.set([32], log.data.length - 1)
          return answer
        }
      })(),
  },
  {
    what: 'throws an answer',
    case: /returns an Error/,
    message: /threw, which stops every node/,
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          if (answer instanceof Error) throw answer
          return answer
        }
      })(),
  },
  {
    what: 'does not refuse',
    case: /returns an Error/,
    message: /is an Error, not 7/,
    make: () =>
      new (class extends Scores {
        override apply(log: Log): Awaitable<Answered | Error> {
          const answer = super.apply(log)
          return answer instanceof Error ? 7 : answer
        }
      })(),
  },
  {
    what: 'cannot restore what a new one wrote',
    case: /of a new copy/,
    message: /empty/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source)
          if (this.scores.size === 0) throw new Error('empty')
        }
      })(),
  },
  {
    what: 'loses a field',
    case: /goes on from a restored snapshot/,
    message: /^snapshot round trip: after entry 20[^]*a field/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source)
          this.changes = 0
        }
      })(),
  },
  {
    what: 'restores a Map in another order',
    case: /goes on from a restored snapshot/,
    message: /the same parts in another order/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source)
          this.scores = new Map([...this.scores].reverse())
        }
      })(),
  },
  {
    what: 'keeps what it held',
    case: /replaces whatever it held/,
    message: /^snapshot round trip/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          const { changes } = this
          await super.restore(source)
          this.changes = Math.max(changes, this.changes)
        }
      })(),
  },
  {
    what: 'reads only the first chunk',
    case: /chunks of any size/,
    message: /JSON/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          for await (const chunk of source) {
            const { scores, changes } = JSON.parse(Buffer.from(chunk).toString()) as {
              scores: [string, number][]
              changes: number
            }
            this.scores = new Map(scores)
            this.changes = changes
            return
          }
        }
      })(),
  },
  {
    what: 'takes half a state for a whole one',
    case: /cannot be read to the end/,
    message: /must reject/,
    make: () =>
      new (class extends Scores {
        override async restore(source: SnapshotSource): Promise<void> {
          await super.restore(source).catch(() => {})
        }
      })(),
  },
  {
    what: 'writes a state that goes on changing',
    case: /while later commands are applied/,
    message: /^snapshot round trip: after entry 100/,
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          return persisting((sink) => sink.write(encode({ scores: [...this.scores], changes: this.changes })))
        }
      })(),
  },
  {
    what: 'does not wait for its writes',
    case: /waits for each write/,
    message: /await each write/,
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: [...this.scores], changes: this.changes })
          return persisting(async (sink) => {
            await Promise.all([sink.write(bytes.subarray(0, 5)), sink.write(bytes.subarray(5))])
          })
        }
      })(),
  },
  {
    what: 'goes on after a failed write',
    case: /if a write fails/,
    message: /a snapshot with a hole/,
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: [...this.scores], changes: this.changes })
          return persisting(async (sink) => {
            await Promise.resolve(sink.write(bytes)).catch(() => {})
          })
        }
      })(),
  },
  {
    what: 'does not look at its signal',
    case: /signal is aborted/,
    message: /more chunks after its signal was aborted/,
    make: () =>
      new (class extends Scores {
        override snapshot(): FSMSnapshot {
          const bytes = encode({ scores: [...this.scores], changes: this.changes })
          return persisting(async (sink) => {
            for (const byte of bytes) await sink.write(Uint8Array.of(byte))
          })
        }
      })(),
  },
  {
    what: 'is locked by a snapshot that is never written',
    case: /released without having been written/,
    message: /a snapshot is open/,
    make: () =>
      new (class extends Scores {
        #open = false

        override apply(log: Log): Awaitable<Answered | Error> {
          if (this.#open) throw new Error('a snapshot is open')
          return super.apply(log)
        }

        override snapshot(): FSMSnapshot {
          this.#open = true
          const bytes = encode({ scores: [...this.scores], changes: this.changes })
          return persisting(async (sink) => {
            await sink.write(bytes)
            this.#open = false
          })
        }
      })(),
  },
]

describe('the suite notices a state machine that', () => {
  for (const one of wrong) {
    test(one.what, async () => {
      const { failed } = await checkStateMachine(one.make, options)
      const found = failed.filter(({ name }) => one.case.test(name))
      deepEqual(found.length, 1, `the case ${one.case} fails; failed are ${failed.map(({ name }) => name).join('; ')}`)
      match((found[0]!.error as Error).message, one.message)
    })
  }

  test('and each case notices one', () => {
    const unnoticed = stateMachineCases.filter(({ name }) => !wrong.some((one) => one.case.test(name)))
    ok(unnoticed.length === 0, unnoticed.map(({ name }) => name).join('; '))
  })
})

test('the report names the contract, and what was left out', async () => {
  const { contract, passed, skipped, failed } = await checkStateMachine(() => new Scores(), {
    command: options.command,
  })
  deepEqual([contract, failed], [1, []])
  deepEqual(
    skipped.map(({ reason }) => reason),
    ['it has no applyBatch', 'no command that is refused was given'],
  )
  deepEqual(passed.length + skipped.length, stateMachineCases.length)
})

test('without `state` the bytes of snapshots are compared, and the error says what to do if they do not matter', async () => {
  class Unstated extends Scores {
    override async restore(source: SnapshotSource): Promise<void> {
      this.scores = new Map(((await decode(source)) as { scores: [string, number][] }).scores)
    }
  }
  const { failed } = await checkStateMachine(() => new Unstated(), { command: options.command })
  match((failed[0]!.error as Error).message, /If such a difference does not matter, say what does: `state/)
})
