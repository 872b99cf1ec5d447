import type { Model, Operation } from './history.ts'
import { Search } from './search.ts'

/** Whether an order was found that explains what the clients saw. */
export interface LinearizabilityVerdict<Input = unknown, Output = unknown> {
  /** `undecided`: the search was given up. */
  readonly result: 'linearizable' | 'impossible' | 'undecided'
  /** The key whose operations have no order, or were given up. */
  readonly key?: string
  /** The longest order that was found, and what could not follow it. */
  readonly longest?: readonly Operation<Input, Output>[]
  readonly rest?: readonly Operation<Input, Output>[]
}

/**
 * Was there an order of all operations, each somewhere between its beginning and its end, in which one copy of the model
 * would have given the same answers? (Herlihy and Wing; searched as Wing, Gong and Lowe do.)
 *
 * @param limit Steps of the search for one key before it is given up.
 */
export function checkLinearizable<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  limit = 2_000_000,
): LinearizabilityVerdict<Input, Output> {
  let undecided: string | undefined
  for (const [key, own] of byKey(operations, model)) {
    const search = new Search(own, model, model.initial(key))
    const result = search.run(limit)
    if (result === 'impossible') return { result, key, longest: search.longest, rest: search.rest }
    if (result === 'undecided') undecided ??= key
  }
  return undecided === undefined ? { result: 'linearizable' } : { result: 'undecided', key: undecided }
}

function byKey<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): ReadonlyMap<string, readonly Operation<Input, Output>[]> {
  const groups = new Map<string, Operation<Input, Output>[]>()
  for (const operation of operations) {
    const key = model.keyOf?.(operation.input) ?? ''
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [operation])
    else group.push(operation)
  }
  return groups
}
