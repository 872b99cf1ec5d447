import type { FSM } from '@raft/core'
import {
  encodeRegister,
  type RegisterInput,
  RegisterMachine,
  registerModel,
  type RegisterOutput,
} from '../machines/register-machine.ts'
import type { Workload } from './workload.ts'

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
): Workload<RegisterOutput, RegisterInput, RegisterOutput, string> {
  const { keys = 6, reads = 0.4, swaps = 0.15 } = options
  /** Values that were seen lately, so that a swap has a chance. */
  const seen = new Map<string, string>()
  return {
    fsm: () => new RegisterMachine(),
    next: (random, { number, operation }) => {
      const key = `k${random.integer(1, keys)}`
      const value = `${number}.${operation}`
      const kind = random.next()
      if (kind < reads) return { kind: 'read', key }
      if (kind < reads + swaps) return { kind: 'swap', key, expected: seen.get(key) ?? '', value }
      return { kind: 'write', key, value }
    },
    command: (input) => (input.kind === 'read' ? undefined : encodeRegister(input)),
    answer: (input, response) => {
      if (input.kind === 'write') seen.set(input.key, input.value)
      else seen.set(input.key, response === 'yes' && input.kind === 'swap' ? input.value : response.replace(/^no /, ''))
      return response
    },
    read: (input, fsm) => {
      const value = registersOf(fsm).get(input.key)
      seen.set(input.key, value)
      return value
    },
    model: registerModel,
  }
}

function registersOf(fsm: FSM<RegisterOutput>): RegisterMachine {
  if (fsm instanceof RegisterMachine) return fsm
  throw new TypeError('the register workload is for a RegisterMachine')
}
