import type { FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import { concatBytes } from '../bytes.ts'
import type { Model } from '../linearizability/history.ts'

/** What can be asked of a `RegisterMachine`. */
export type RegisterInput =
  | { readonly kind: 'write'; readonly key: string; readonly value: string }
  /** Writes if the value is the expected one; '' is a key that was never written. */
  | { readonly kind: 'swap'; readonly key: string; readonly expected: string; readonly value: string }
  | { readonly kind: 'read'; readonly key: string }

/** What it answers: the value read; for a write ''; for a swap whether it was done, and the value found. */
export type RegisterOutput = string

/** Named registers: a state machine that is small, and large enough to show every kind of wrong order. */
export class RegisterMachine implements FSM<RegisterOutput> {
  #values = new Map<string, string>()

  /** The value of a key, '' if it was never written. */
  get(key: string): string {
    return this.#values.get(key) ?? ''
  }

  apply(log: Log): RegisterOutput {
    const input = decodeRegister(log.data ?? new Uint8Array(0))
    if (input.kind === 'read') return this.get(input.key)
    if (input.kind === 'write') {
      this.#values.set(input.key, input.value)
      return ''
    }
    const found = this.get(input.key)
    if (found !== input.expected) return `no ${found}`
    this.#values.set(input.key, input.value)
    return 'yes'
  }

  snapshot(): FSMSnapshot {
    const text = JSON.stringify([...this.#values])
    return {
      persist: async (sink) => {
        // In pieces, so that a crash or a cut can come between them.
        const bytes = new TextEncoder().encode(text)
        const middle = bytes.length >>> 1
        await sink.write(bytes.subarray(0, middle))
        await sink.write(bytes.subarray(middle))
        await sink.close()
      },
      release: () => {},
    }
  }

  async restore(source: SnapshotSource): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of source) chunks.push(chunk.slice())
    this.#values = new Map(JSON.parse(new TextDecoder().decode(concatBytes(chunks))) as [string, string][])
  }
}

/** The bytes of a command. */
export function encodeRegister(input: RegisterInput): Uint8Array {
  const { kind, key } = input
  const fields =
    kind === 'read'
      ? [kind, key]
      : kind === 'write'
        ? [kind, key, input.value]
        : [kind, key, input.expected, input.value]
  return new TextEncoder().encode(fields.join('\t'))
}

/** The command of the bytes. */
export function decodeRegister(bytes: Uint8Array): RegisterInput {
  const [kind, key = '', first = '', second = ''] = new TextDecoder().decode(bytes).split('\t')
  if (kind === 'read') return { kind, key }
  if (kind === 'write') return { kind, key, value: first }
  if (kind === 'swap') return { kind, key, expected: first, value: second }
  throw new TypeError(`no command of a RegisterMachine begins with ${kind}`)
}

/** How registers behave. */
export const registerModel: Model<string, RegisterInput, RegisterOutput> = {
  keyOf: ({ key }) => key,
  initial: () => '',
  step: (state, input, output) => {
    if (input.kind === 'read') return output === undefined || output === state ? state : undefined
    if (input.kind === 'write') return input.value
    const answer = state === input.expected ? 'yes' : `no ${state}`
    if (output !== undefined && output !== answer) return undefined
    return answer === 'yes' ? input.value : state
  },
  describe: (state) => state,
}
