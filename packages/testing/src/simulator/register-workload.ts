import {
  encodeRegister,
  type RegisterInput,
  RegisterMachine,
  registerModel,
  type RegisterOutput,
} from '../machines/register-machine.ts'
import type { ClientOperation, Workload } from './workload.ts'

/** How the clients of registers behave. */
export interface RegisterWorkloadOptions {
  /** How many registers there are. Default 6. */
  readonly keys?: number | undefined
  /** The share of reads, and of swaps; the rest are writes. Defaults 0.4 and 0.15. */
  readonly reads?: number | undefined
  readonly swaps?: number | undefined
}

/** Clients that read, write and swap named registers; every value is written once. */
export function registerWorkload(
  options: RegisterWorkloadOptions = {},
): Workload<RegisterMachine, RegisterInput, RegisterOutput, string> {
  const { keys = 6, reads = 0.4, swaps = 0.15 } = options
  /** Values that were seen lately, so that a swap has a chance. */
  const seen = new Map<string, string>()
  return {
    fsm: () => new RegisterMachine(),
    clients: (random, { number, operation }) => {
      const key = `k${random.integer(1, keys)}`
      const value = `${number}.${operation}`
      const kind = random.next()
      if (kind < reads) return reading(key, seen)
      if (kind < reads + swaps) return writing({ kind: 'swap', key, expected: seen.get(key) ?? '', value }, seen)
      return writing({ kind: 'write', key, value }, seen)
    },
    model: registerModel,
    stateOf: (fsm, key) => fsm.get(key),
  }
}

type RegisterOperation = ClientOperation<RegisterMachine, RegisterInput, RegisterOutput>

function reading(key: string, seen: Map<string, string>): RegisterOperation {
  return {
    input: { kind: 'read', key },
    read: (fsm) => {
      const value = fsm.get(key)
      seen.set(key, value)
      return value
    },
  }
}

function writing(input: Exclude<RegisterInput, { kind: 'read' }>, seen: Map<string, string>): RegisterOperation {
  return {
    input,
    command: encodeRegister(input),
    answer: (response) => {
      const done = input.kind === 'write' || response === 'yes'
      seen.set(input.key, done ? input.value : response.replace(/^no /, ''))
      return response
    },
  }
}
