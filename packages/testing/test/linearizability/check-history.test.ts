import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { checkLinearizable } from '../../src/linearizability/check-history.ts'
import { History, type Operation } from '../../src/linearizability/history.ts'
import { type RegisterInput, registerModel, type RegisterOutput } from '../../src/machines/register-machine.ts'
import { SeededRandom } from '../../src/world/random.ts'

type Step = readonly [client: number, input: string, output?: string]

/** `[client, 'write x']` begins, `[client, 'ok', output]` ends. */
function history(...steps: readonly Step[]): readonly Operation<RegisterInput, RegisterOutput>[] {
  const noted = new History<RegisterInput, RegisterOutput>()
  const open = new Map<number, number>()
  for (const [client, text, output] of steps) {
    if (text === 'ok') noted.end(open.get(client)!, output ?? '')
    else open.set(client, noted.begin(client, inputOf(text)))
  }
  return noted.operations
}

function inputOf(text: string): RegisterInput {
  const [kind, first = '', second = ''] = text.split(' ')
  if (kind === 'write') return { kind, key: 'k', value: first }
  if (kind === 'swap') return { kind, key: 'k', expected: first, value: second }
  return { kind: 'read', key: 'k' }
}

const cases: readonly { why: string; steps: readonly Step[]; linearizable: boolean }[] = [
  { why: 'nothing happened', steps: [], linearizable: true },
  {
    why: 'a read after a write sees it',
    steps: [
      [1, 'write a'],
      [1, 'ok'],
      [2, 'read'],
      [2, 'ok', 'a'],
    ],
    linearizable: true,
  },
  {
    why: 'a read after a write must not see what was before',
    steps: [
      [1, 'write a'],
      [1, 'ok'],
      [2, 'read'],
      [2, 'ok', ''],
    ],
    linearizable: false,
  },
  {
    why: 'a read beside a write may see either',
    steps: [
      [1, 'write a'],
      [2, 'read'],
      [2, 'ok', ''],
      [3, 'read'],
      [3, 'ok', 'a'],
      [1, 'ok'],
    ],
    linearizable: true,
  },
  {
    why: 'once a read has seen a write, later reads do too',
    steps: [
      [1, 'write a'],
      [2, 'read'],
      [2, 'ok', 'a'],
      [3, 'read'],
      [3, 'ok', ''],
      [1, 'ok'],
    ],
    linearizable: false,
  },
  {
    why: 'a write that never ended may come late',
    steps: [
      [1, 'write a'],
      [2, 'read'],
      [2, 'ok', ''],
      [2, 'write b'],
      [2, 'ok'],
      [2, 'read'],
      [2, 'ok', 'a'],
    ],
    linearizable: true,
  },
  {
    why: 'or never',
    steps: [
      [1, 'write a'],
      [2, 'write b'],
      [2, 'ok'],
      [2, 'read'],
      [2, 'ok', 'b'],
    ],
    linearizable: true,
  },
  {
    why: 'but not twice',
    steps: [
      [1, 'write a'],
      [2, 'read'],
      [2, 'ok', 'a'],
      [2, 'write b'],
      [2, 'ok'],
      [2, 'read'],
      [2, 'ok', 'a'],
    ],
    linearizable: false,
  },
  {
    why: 'a value that nobody wrote is never read',
    steps: [
      [1, 'read'],
      [1, 'ok', 'x'],
    ],
    linearizable: false,
  },
  {
    why: 'of two swaps of one value one fails',
    steps: [
      [1, 'swap  a'],
      [2, 'swap  b'],
      [1, 'ok', 'yes'],
      [2, 'ok', 'no a'],
    ],
    linearizable: true,
  },
  {
    why: 'both cannot succeed',
    steps: [
      [1, 'swap  a'],
      [2, 'swap  b'],
      [1, 'ok', 'yes'],
      [2, 'ok', 'yes'],
    ],
    linearizable: false,
  },
]

describe('checkLinearizable', () => {
  for (const { why, steps, linearizable } of cases) {
    test(`${linearizable ? 'linearizable' : 'impossible'}: ${why}`, () => {
      equal(checkLinearizable(history(...steps), registerModel).result, linearizable ? 'linearizable' : 'impossible')
    })
  }

  test('keys are checked apart, and the one that is wrong is named', () => {
    const operations: Operation<RegisterInput, RegisterOutput>[] = [
      { client: 1, input: { kind: 'write', key: 'good', value: 'x' }, output: '', begun: 1, ended: 2 },
      { client: 1, input: { kind: 'read', key: 'bad' }, output: 'x', begun: 3, ended: 4 },
    ]
    const verdict = checkLinearizable(operations, registerModel)
    equal(verdict.key, 'bad')
    deepEqual(verdict.rest, [operations[1]])
  })

  test('a search that is too long is given up', () => {
    const operations = Array.from({ length: 30 }, (_, client) => ({
      client,
      input: { kind: 'write' as const, key: 'k', value: String(client) },
      output: '',
      begun: client,
      ended: 100 + client,
    }))
    const read = { client: 99, input: { kind: 'read' as const, key: 'k' }, output: 'never', begun: 200, ended: 201 }
    equal(checkLinearizable([...operations, read], registerModel, 10_000).result, 'undecided')
  })

  test('agrees with trying every order, on thousands of small histories', () => {
    const random = new SeededRandom(11)
    const found = { linearizable: 0, impossible: 0 }
    for (let round = 0; round < 4_000; round++) {
      const operations = randomHistory(random)
      const expected = bruteForce(operations, '') ? 'linearizable' : 'impossible'
      equal(checkLinearizable(operations, registerModel).result, expected, JSON.stringify(operations))
      found[expected] += 1
    }
    equal(found.linearizable > 500 && found.impossible > 500, true, JSON.stringify(found))
  })
})

/** Up to six operations of three clients with answers that are often, but not always, right. */
function randomHistory(random: SeededRandom): Operation<RegisterInput, RegisterOutput>[] {
  const noted = new History<RegisterInput, RegisterOutput>()
  const open = new Map<number, { operation: number; input: RegisterInput }>()
  let begun = 0
  let value = ''
  for (let step = 0; step < 14; step++) {
    const client = random.integer(1, 3)
    const current = open.get(client)
    if (current === undefined && begun < 6) {
      begun += 1
      const input = inputOf(
        random.pick(['read', 'read', `write ${begun}`, `swap ${random.integer(0, 2) || ''} ${begun}`]),
      )
      open.set(client, { operation: noted.begin(client, input), input })
    } else if (current !== undefined && random.chance(0.8)) {
      open.delete(client)
      // Done for certain at its end, and the answer is the right one more often than not.
      const right = rightAnswer(value, current.input)
      value = registerModel.step(value, current.input, undefined)!
      noted.end(current.operation, random.chance(0.8) ? right : anyAnswer(current.input, random))
    }
  }
  return [...noted.operations]
}

function rightAnswer(value: string, input: RegisterInput): string {
  if (input.kind === 'write') return ''
  if (input.kind === 'read') return value
  return value === input.expected ? 'yes' : `no ${value}`
}

function anyAnswer(input: RegisterInput, random: SeededRandom): string {
  if (input.kind === 'write') return ''
  const value = random.pick(['', '1', '2', '3'])
  if (input.kind === 'read') return value
  return random.chance(0.5) ? 'yes' : `no ${value}`
}

function bruteForce(left: readonly Operation<RegisterInput, RegisterOutput>[], state: string): boolean {
  const must = left.filter(({ ended }) => ended !== Infinity)
  if (must.length === 0) return true
  const firstEnd = Math.min(...must.map(({ ended }) => ended))
  return left.some((operation) => {
    if (operation.begun > firstEnd) return false
    const after = registerModel.step(state, operation.input, operation.output)
    return (
      after !== undefined &&
      bruteForce(
        left.filter((other) => other !== operation),
        after,
      )
    )
  })
}
