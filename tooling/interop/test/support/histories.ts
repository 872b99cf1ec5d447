import type { Model, Operation } from '@raft/testing'

/** What a generated client asks for. */
export interface Command {
  readonly kind: 'read' | 'write' | 'append' | 'swap'
  readonly key: string
  readonly value: string
  readonly expected: string
}

/** A kind of history: which operations there are, and how often something is wrong with it. */
export interface Kind {
  readonly name: string
  /** Operations of different keys have nothing to do with each other. */
  readonly keyed: boolean
  readonly keys: number
  readonly commands: readonly Command['kind'][]
  readonly clients: number
  readonly operations: number
  /** The part of the operations whose client is never answered. */
  readonly unknown: number
}

/** A generated history. */
export interface Generated {
  readonly keyed: boolean
  readonly operations: readonly Operation<Command, string>[]
}

/** The model of all kinds: registers that are read, written, appended to, and written under a condition. */
export function modelOf(keyed: boolean): Model<string, Command, string> {
  const model: Model<string, Command, string> = {
    initial: () => '',
    step: (state, command, output) => {
      const [after, answer] = applied(state, command)
      return output === undefined || output === answer ? after : undefined
    },
    describe: (state) => state,
  }
  return keyed ? { ...model, keyOf: ({ key }) => key } : model
}

function applied(state: string, { kind, value, expected }: Command): readonly [string, string] {
  switch (kind) {
    case 'read':
      return [state, state]
    case 'write':
      return [value, '']
    case 'append':
      return [state + value, state]
    case 'swap':
      return state === expected ? [value, 'yes'] : [state, `no ${state}`]
  }
}

interface Open {
  readonly client: number
  readonly input: Command
  readonly begun: number
  /** What it is told, once it took effect. */
  answer: string | undefined
}

/**
 * Lets clients use a system that is correct, each operation taking effect between its beginning and its end; then, as
 * often as not, spoils it: an answer is exchanged for another, or a client is told of a state of before.
 */
export function generate(kind: Kind, random: () => number): Generated {
  const pick = (count: number): number => Math.floor(random() * count)
  const states = new Map<string, string>()
  const seen = ['']
  const open: Open[] = []
  const operations: Operation<Command, string>[] = []
  let time = 0
  const begin = (): void => {
    const busy = new Set(open.map(({ client }) => client))
    const free = Array.from({ length: kind.clients }, (_, client) => client).filter((client) => !busy.has(client))
    const client = free[pick(free.length)]
    if (client === undefined) return
    const input: Command = {
      kind: kind.commands[pick(kind.commands.length)]!,
      key: `k${pick(kind.keys)}`,
      value: `${pick(4)}`,
      expected: seen[pick(seen.length)]!,
    }
    open.push({ client, input, begun: (time += 1), answer: undefined })
  }
  const proceed = (at: number): void => {
    const one = open[at]!
    if (one.answer === undefined) {
      const key = kind.keyed ? one.input.key : ''
      const [after, answer] = applied(states.get(key) ?? '', one.input)
      states.set(key, after)
      if (after.length < 8) seen.push(after)
      one.answer = answer
      if (random() < 0.5) return
    }
    open.splice(at, 1)
    const { client, input, begun, answer } = one
    const unknown = random() < kind.unknown
    operations.push({
      client,
      input,
      begun,
      output: unknown ? undefined : answer,
      ended: unknown ? Infinity : (time += 1),
    })
  }
  for (let begun = 0; begun < kind.operations || open.length > 0;) {
    if (begun < kind.operations && (open.length === 0 || (random() < 0.5 && open.length < kind.clients))) {
      begin()
      begun += 1
    } else proceed(pick(open.length))
  }
  return { keyed: kind.keyed, operations: random() < 0.5 ? operations : spoiled(operations, random) }
}

/** The history with one answer that may be wrong. */
function spoiled(
  operations: readonly Operation<Command, string>[],
  random: () => number,
): readonly Operation<Command, string>[] {
  const answered = operations.filter(({ output, input }) => output !== undefined && input.kind !== 'write')
  const one = answered[Math.floor(random() * answered.length)]
  const same = answered.filter(({ input }) => input.kind === one?.input.kind)
  const other = same[Math.floor(random() * same.length)]
  return operations.map((operation) => (operation === one ? { ...operation, output: other?.output } : operation))
}

/** The history as Porcupine reads it. */
export function toLine({ keyed, operations }: Generated): string {
  const shown = operations.map(({ client, input, output, begun, ended }) => {
    return { client, ...input, output: output ?? null, begun, ended: ended === Infinity ? -1 : ended }
  })
  return JSON.stringify({ keyed, operations: shown })
}
