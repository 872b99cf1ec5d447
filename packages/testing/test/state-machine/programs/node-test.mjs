// simulate and testStateMachine under node:test; run by node-test.test.ts.
import { rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from '@raft/testing'
import { testStateMachine } from '@raft/testing/conformance'

class Counter {
  count = 0

  apply() {
    this.count += 1
    return this.count
  }

  snapshot() {
    const bytes = new TextEncoder().encode(String(this.count))
    return { persist: (sink) => sink.write(bytes), release: () => {} }
  }

  async restore(source) {
    let text = ''
    for await (const chunk of source) text += new TextDecoder().decode(chunk)
    this.count = Number(text)
  }
}

class Clock extends Counter {
  apply() {
    return Date.now()
  }
}

const run = {
  faults: { crash: 5, snapshot: 3 },
  duration: 10_000,
  clients: (random, { number }) =>
    random.chance(0.5)
      ? { input: 'count', command: Uint8Array.of(number) }
      : { input: 'read', read: (fsm) => fsm.count },
  model: {
    initial: () => 0,
    step: (count, input, output) => {
      const next = input === 'count' ? count + 1 : count
      return output === undefined || output === next ? next : undefined
    },
    describe: String,
  },
}

for (const seed of [1, 2, 3]) test(`seed ${seed}`, () => simulate({ ...run, seed, fsm: () => new Counter() }))

test('a clock in apply is noticed', () =>
  rejects(simulate({ ...run, seed: 1, fsm: () => new Clock() }), /deterministic apply/))

testStateMachine(test, () => new Counter(), { command: () => Uint8Array.of(1) })
