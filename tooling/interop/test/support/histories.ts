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
  /** How many operations whose client gave up had which fate. */
  readonly fates: Readonly<Record<Fate, number>>
  /** The system did nothing wrong, so the history is linearizable. */
  readonly isRight: boolean
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

/** What becomes of an operation whose client gives up waiting. */
export type Fate =
  /** It has taken effect. */
  | 'done'
  /** It never does. */
  | 'lost'
  /** It takes effect later, while the client does something else. */
  | 'late'

interface Open {
  readonly client: number
  readonly input: Command
  readonly begun: number
  /** What becomes of it, if its client is never answered. */
  readonly fate: Fate | undefined
  /** What it is told, once it took effect. */
  answer: string | undefined
}

/** What is wrong with the system that clients use. */
type Sin =
  | 'none'
  /** One answer is exchanged for another. */
  | 'answers'
  /** Now and then it goes back to a state of before. */
  | 'forgets'
  /** Now and then a read is answered from a state of before. */
  | 'stale'

/** A system that clients use, one step after the other, all by chance. */
class System {
  readonly operations: Operation<Command, string>[] = []
  readonly fates: Record<Fate, number> = { done: 0, lost: 0, late: 0 }
  readonly #kind: Kind
  readonly #random: () => number
  readonly #sin: Sin
  readonly #open: Open[] = []
  /** Those that take effect later. */
  readonly #late: Open[] = []
  /** States of registers, the newest last. */
  readonly #past: ReadonlyMap<string, string>[] = [new Map()]
  readonly #seen = ['']
  #time = 0
  #clients: number

  constructor(kind: Kind, random: () => number, sin: Sin) {
    this.#kind = kind
    this.#random = random
    this.#sin = sin
    this.#clients = kind.clients
  }

  run(): void {
    for (let begun = 0; begun < this.#kind.operations || this.#open.length > 0;) {
      const free = this.#kind.clients - this.#open.length
      if (begun < this.#kind.operations && free > 0 && (this.#open.length === 0 || this.#random() < 0.5)) {
        this.#begin()
        begun += 1
      } else this.#proceed(this.#pick(this.#open.length))
      if (this.#late.length > 0 && this.#random() < 0.1) {
        this.#takeEffect(this.#late.splice(this.#pick(this.#late.length), 1)[0]!)
      }
    }
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #begin(): void {
    const busy = new Set(this.#open.map(({ client }) => client))
    const free = Array.from({ length: this.#kind.clients }, (_, at) => this.#clients - at).filter(
      (client) => !busy.has(client),
    )
    const unknown = this.#random() < this.#kind.unknown
    this.#open.push({
      // One that gave up is never heard of again: what it asked for may happen yet.
      client: unknown ? ++this.#clients : free[this.#pick(free.length)]!,
      input: {
        kind: this.#kind.commands[this.#pick(this.#kind.commands.length)]!,
        key: `k${this.#pick(this.#kind.keys)}`,
        value: `${this.#pick(4)}`,
        expected: this.#seen[this.#pick(this.#seen.length)]!,
      },
      begun: (this.#time += 1),
      fate: unknown ? (['done', 'lost', 'late'] as const)[this.#pick(3)]! : undefined,
      answer: undefined,
    })
  }

  /** Lets an open operation take effect, or end. */
  #proceed(at: number): void {
    const one = this.#open[at]!
    const waits = one.fate === 'lost' || one.fate === 'late'
    if (one.answer === undefined && !waits) {
      this.#takeEffect(one)
      if (this.#random() < 0.5) return
    }
    this.#open.splice(at, 1)
    const { client, input, begun, answer, fate } = one
    if (fate !== undefined) this.fates[fate] += 1
    if (fate === 'late') this.#late.push(one)
    const output = fate === undefined ? answer : undefined
    this.operations.push({ client, input, begun, output, ended: fate === undefined ? (this.#time += 1) : Infinity })
  }

  #takeEffect(one: Open): void {
    if (this.#sin === 'forgets' && this.#random() < 0.1) this.#past.push(this.#before())
    const isStale = this.#sin === 'stale' && one.input.kind === 'read' && this.#random() < 0.3
    const states = isStale ? this.#before() : this.#past.at(-1)!
    const key = this.#kind.keyed ? one.input.key : ''
    const [after, answer] = applied(states.get(key) ?? '', one.input)
    one.answer = answer
    if (after.length < 8) this.#seen.push(after)
    if (!isStale) this.#past.push(new Map(states).set(key, after))
  }

  /** A state of a little before. */
  #before(): ReadonlyMap<string, string> {
    return this.#past.at(-1 - this.#pick(Math.min(4, this.#past.length)))!
  }
}

/**
 * Lets clients use a system: each operation takes effect between its beginning and its end; or, if its client is never
 * answered, then, or later, or not at all. As often as not, something is wrong with the system.
 */
export function generate(kind: Kind, random: () => number): Generated {
  const sin: Sin = random() < 0.4 ? 'none' : (['answers', 'forgets', 'stale'] as const)[Math.floor(random() * 3)]!
  const system = new System(kind, random, sin)
  system.run()
  const { operations, fates } = system
  return {
    keyed: kind.keyed,
    fates,
    isRight: sin === 'none',
    operations: sin === 'answers' ? spoiled(operations, random) : operations,
  }
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
