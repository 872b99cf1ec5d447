import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import { snapshotHead } from '../../src/checks/snapshot-checks.ts'
import { concatBytes } from '../../src/bytes.ts'
import { checkLinearizable } from '../../src/linearizability/check-history.ts'
import { History } from '../../src/linearizability/history.ts'
import { type RegisterInput, RegisterMachine, registerModel } from '../../src/machines/register-machine.ts'
import { stretchesOf } from '../../src/simulator/epochs.ts'

test('a history is judged apart before and after a restore, and goes on from the restored state', async () => {
  const history = new History<RegisterInput, string>()
  const write = (value: string, index: number | undefined): void => {
    const operation = history.begin(1, { kind: 'write', key: 'k', value })
    if (index !== undefined) history.end(operation, '', index)
  }
  const read = (value: string, index: number): void =>
    history.end(history.begin(2, { kind: 'read', key: 'k' }), value, index)
  write('old', 1)
  write('newer', 2)
  write('unanswered', undefined)
  read('newer', 2)
  const begun = history.now
  read('old', 10)
  write('after', 11)
  read('after', 11)
  const state = new TextEncoder().encode(JSON.stringify([['k', 'old']]))
  const stretches = await stretchesOf({
    operations: history.operations,
    model: registerModel,
    epochs: [{ index: 10, term: 1, begun, bytes: concatBytes([snapshotHead(1), state]) }],
    machine: () => new RegisterMachine(),
    stateOf: (fsm, key) => (fsm as RegisterMachine).get(key),
  })
  deepEqual(
    stretches.map(({ operations }) => operations.length),
    [4, 4],
  )
  for (const { operations, model } of stretches) equal(checkLinearizable(operations, model).result, 'linearizable')
  equal(checkLinearizable(history.operations, registerModel).result, 'impossible', 'as one history it has no order')
  equal(checkLinearizable(stretches[1]!.operations, registerModel).result, 'impossible', 'nor from the beginning')
})
