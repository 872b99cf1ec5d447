import type { Awaitable, FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'
import type { ClientOperation, ClientTurn, Model, SeededRandom } from '../../src/index.ts'

/** What can be asked of a table of scores. */
export type Asked =
  | { readonly kind: 'add'; readonly name: string; readonly points: number }
  | { readonly kind: 'best' }
  | { readonly kind: 'score'; readonly name: string }

/** Answers: the new score; the name of the best, who was first there if several are; a score. */
export type Answered = number | string

/** A state machine to test: it keeps scores. All that is wrong with the others is that they do one thing differently. */
export class Scores implements FSM<Answered | Error> {
  scores = new Map<string, number>()
  changes = 0

  apply(log: Log): Awaitable<Answered | Error> {
    const asked = JSON.parse(new TextDecoder().decode(log.data)) as Asked
    if (asked.kind === 'best') return this.best()
    if (asked.kind !== 'add') return new RangeError(`no command ${asked.kind}`)
    this.changes += 1
    const score = (this.scores.get(asked.name) ?? 0) + asked.points
    this.scores.set(asked.name, score)
    return score
  }

  best(): string {
    let best = ''
    for (const [name, score] of this.scores) if (best === '' || score > this.scores.get(best)!) best = name
    return best
  }

  snapshot(): Awaitable<FSMSnapshot> {
    const bytes = encode({ scores: [...this.scores], changes: this.changes })
    return {
      persist: async (sink) => {
        for (let at = 0; at < bytes.length; at += 50) await sink.write(bytes.subarray(at, at + 50))
        await sink.close()
      },
      release: () => {},
    }
  }

  async restore(source: SnapshotSource): Promise<void> {
    const { scores, changes } = (await decode(source)) as { scores: [string, number][]; changes: number }
    this.scores = new Map(scores)
    this.changes = changes
  }
}

/** A value as bytes. */
export function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** The value of a snapshot. */
export async function decode(source: SnapshotSource): Promise<unknown> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk.slice())
  return JSON.parse(Buffer.concat(chunks).toString())
}

/** Clients that add points, and ask for scores and for the best. */
export function clients(random: SeededRandom, _turn: ClientTurn): ClientOperation<Scores, Asked, Answered | Error> {
  const name = random.pick(['ada', 'bob', 'eve', 'joe'])
  const kind = random.pick(['add', 'add', 'score', 'best'] as const)
  if (kind === 'score') return { input: { kind, name }, read: (fsm) => fsm.scores.get(name) ?? 0 }
  const input: Asked = kind === 'best' ? { kind } : { kind, name, points: random.integer(1, 3) }
  return { input, command: encode(input) }
}

type State = readonly (readonly [string, number])[]

/** What one correct table answers. */
export const model: Model<State, Asked, Answered | Error> = {
  initial: () => [],
  step: (state, asked, output) => {
    const table = new Map(state)
    const fits = (answer: Answered): boolean => output === undefined || output === answer
    if (asked.kind === 'score') return fits(table.get(asked.name) ?? 0) ? state : undefined
    if (asked.kind === 'best') {
      const best = [...table].reduce((one, other) => (other[1] > one[1] ? other : one), ['', -1] as [string, number])
      return fits(best[0]) ? state : undefined
    }
    table.set(asked.name, (table.get(asked.name) ?? 0) + asked.points)
    return fits(table.get(asked.name)!) ? [...table] : undefined
  },
  describe: (state) => JSON.stringify(state),
}
