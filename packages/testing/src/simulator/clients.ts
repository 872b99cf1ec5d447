import { type FSM, isRaftError, NotLeaderError } from '@raft/core'
import type { History } from '../linearizability/history.ts'
import { textOf } from '../state-machine/value-text.ts'
import type { SeededRandom } from '../world/random.ts'
import type { ServerCalls } from './server-calls.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'
import type { ClientOperation } from './workload.ts'

/** What became of one attempt. */
type Attempt<Output> =
  | { readonly kind: 'answered'; readonly output: Output; readonly index: number }
  | { readonly kind: 'rejected'; readonly error: Error; readonly leader: string | undefined }
  | { readonly kind: 'unknown' }

type Asked<Input, Output> = ClientOperation<FSM, Input, Output>

/** What clients did. */
export interface ClientCounts {
  answered: number
  rejected: number
  unknown: number
}

/** Milliseconds after which a client gives up on an answer. */
export const PATIENCE = 8_000

/** Names of one group. */
const GROUP = 1_000_000

/** How clients are. */
export interface ClientsOptions<R, Input, Output> {
  readonly history: History<Input, Output>
  /** Servers that they go to when they are sent there. Default: those that they begin with. */
  readonly all?: readonly SimulatedServer<R>[] | undefined
  /** Tells them from those of other groups: their names, and what they do. Default 0. */
  readonly group?: number | undefined
  /** Milliseconds after which they give up on an answer. Default `PATIENCE`. */
  readonly patience?: number | undefined
}

/** Clients that do one thing after the other, each with a leader in mind. */
export class Clients<R, Input, Output> {
  readonly counts: ClientCounts = { answered: 0, rejected: 0, unknown: 0 }
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  readonly #all: readonly SimulatedServer<R>[]
  readonly #history: History<Input, Output>
  readonly #patience: number
  readonly #random: SeededRandom
  #stopped = false
  #names: number
  #working = 0
  #writes = 0

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[], options: ClientsOptions<R, Input, Output>) {
    const { history, all = servers, group = 0, patience = PATIENCE } = options
    this.#scene = scene
    this.#servers = servers
    this.#all = all
    this.#history = history
    this.#patience = patience
    this.#random = scene.random.fork(group === 0 ? 'clients' : `clients ${group}`)
    this.#names = group * GROUP
  }

  /** Commands that were answered. */
  get writes(): number {
    return this.#writes
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#working === 0
  }

  start(count: number): void {
    for (let client = 0; client < count; client++) {
      this.#live(this.#random.fork(String(client))).catch((error: unknown) => this.#fail('clients', error))
    }
  }

  /** What the test itself says is wrong: an assertion in it, or a mistake. */
  #fail(where: string, error: unknown): void {
    this.#scene.checks.violations.report('client', `${where} threw ${textOf(error)}`)
  }

  /** Begins nothing new. */
  stop(): void {
    this.#stopped = true
  }

  async #live(random: SeededRandom): Promise<void> {
    this.#working += 1
    let name = ++this.#names
    let known = random.pick(this.#servers)
    for (let operation = 1; !this.#stopped; operation++) {
      await this.#sleep(random.exponential(this.#scene.plan.thinking))
      if (this.#stopped) break
      const asked = this.#scene.workload.clients(random, { number: name, operation }) as Asked<Input, Output>
      const noted = this.#history.begin(name, asked.input)
      if (asked.command !== undefined) this.#scene.checks.ledger.issue(asked.command)
      const attempt = await this.#attempt(known, asked)
      this.counts[attempt.kind] += 1
      this.#note(noted, name, asked, attempt)
      if (attempt.kind === 'unknown') {
        // Whatever it was may happen yet: a name never does two things at once.
        name = ++this.#names
        known = random.pick(this.#servers)
      } else if (attempt.kind === 'rejected') {
        const named = this.#all.find(({ id }) => id === attempt.leader)
        known = named !== undefined && random.chance(0.8) ? named : random.pick(this.#servers)
      }
    }
    this.#working -= 1
  }

  #note(operation: number, client: number, { input, command }: Asked<Input, Output>, attempt: Attempt<Output>): void {
    const { trace, clock, checks } = this.#scene
    const { ledger } = checks
    const numbers = [103, client, attempt.kind.length, attempt.kind === 'answered' ? attempt.index : -1]
    trace.note(clock.now(), numbers, () => `client ${client} ${textOf(input)}: ${wordsOf(attempt)}`)
    if (attempt.kind === 'answered') {
      this.#history.end(operation, attempt.output, attempt.index)
      if (command === undefined) return
      this.#writes += 1
      ledger.acknowledge(attempt.index, command)
    } else if (attempt.kind === 'rejected') {
      this.#history.drop(operation)
      if (command !== undefined) ledger.reject(command, attempt.error.message)
    }
  }

  /** One attempt at one server. It ends in any case: a client does not wait for ever. */
  #attempt(server: SimulatedServer<R>, asked: Asked<Input, Output>): Promise<Attempt<Output>> {
    return new Promise((resolve) => {
      const { clock } = this.#scene
      const { process, calls } = server
      if (process === undefined || calls === undefined) {
        clock.setTimer(() => resolve(refusal('connection refused')), 1)
        return
      }
      const patience = clock.setTimer(() => end({ kind: 'unknown' }), this.#patience)
      const end = (attempt: Attempt<Output>): void => {
        clock.clearTimer(patience)
        forget()
        resolve(attempt)
      }
      const forget = process.whenKilled(() => clock.setTimer(() => end({ kind: 'unknown' }), 1))
      process.run(() => {
        this.#ask(calls, asked).then(
          (answered) => process.run(() => end(answered)),
          (error: unknown) => {
            if (!isRaftError(error)) this.#fail(asked.command === undefined ? 'read' : 'answer', error)
            process.run(() => end(attemptOf(error)))
          },
        )
      })
    })
  }

  async #ask(calls: ServerCalls<R>, asked: Asked<Input, Output>): Promise<Attempt<Output>> {
    if (asked.command === undefined) return { kind: 'answered', ...(await calls.read(asked.read)) }
    const { index, response } = await calls.apply(asked.command)
    const output = asked.answer === undefined ? (response as unknown as Output) : asked.answer(response)
    return { kind: 'answered', output, index }
  }

  #sleep(duration: number): Promise<void> {
    return new Promise((resolve) => this.#scene.clock.setTimer(resolve, duration))
  }
}

function refusal(text: string): Attempt<never> {
  return { kind: 'rejected', error: new Error(text), leader: undefined }
}

/** What an error of the library says about a command. A read that failed has not happened in any case. */
function attemptOf(error: unknown): Attempt<never> {
  if (!isRaftError(error) || error.outcome !== 'rejected') return { kind: 'unknown' }
  return { kind: 'rejected', error, leader: error instanceof NotLeaderError ? error.leader?.id : undefined }
}

function wordsOf(attempt: Attempt<unknown>): string {
  if (attempt.kind === 'answered') return `${textOf(attempt.output)} at ${attempt.index}`
  return attempt.kind === 'rejected' ? attempt.error.message : 'no answer'
}
