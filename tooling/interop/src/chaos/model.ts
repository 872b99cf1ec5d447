// What one key of the store must look like from outside, for the checker.
import type { Model } from '@raft/testing'

export type Input =
  | { readonly op: 'put'; readonly key: string; readonly value: string }
  | { readonly op: 'get' | 'delete'; readonly key: string }

/** What a client was told: what the key is after the operation, and whether it was there before. */
export interface Output {
  readonly existed: boolean
  readonly value: string | undefined
  readonly version: number
}

interface KeyState {
  readonly value: string | undefined
  /** How often it was set since it came into being; 0 if it is not there. */
  readonly version: number
}

export const keyModel: Model<KeyState, Input, Output> = {
  keyOf: ({ key }) => key,
  initial: () => ({ value: undefined, version: 0 }),
  describe: ({ value, version }) => `${value}/${version}`,
  step(before, input, output) {
    const after = next(before, input)
    if (output === undefined) return after
    const same =
      output.existed === before.version > 0 && output.value === after.value && output.version === after.version
    return same ? after : undefined
  },
}

function next(before: KeyState, input: Input): KeyState {
  switch (input.op) {
    case 'put':
      return { value: input.value, version: before.version + 1 }
    case 'delete':
      return { value: undefined, version: 0 }
    case 'get':
      return before
  }
}
