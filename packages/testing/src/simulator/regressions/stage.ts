import { isRaftError, type RequestVoteRequest } from '@raft/core'
import { encodeRegister, type RegisterMachine } from '../../machines/register-machine.ts'
import type { SentRequest } from '../../world/simulated-network.ts'
import { SimulatedProcess } from '../../world/simulated-process.ts'
import type { SimulatedServer } from '../simulated-server.ts'
import type { Simulation } from '../simulation.ts'

/** The end of a call: what it resolved with, or the error. */
export type Fate<T> = { readonly value: T } | { readonly error: Error }

/** Milliseconds that anything may take. */
const LIMIT = 60_000

/** Ends a play in which something is wrong; what, is among the violations. */
export class PlayOver extends Error {}

/** What a play is made of: a cluster in a simulated world, and somebody who decides what happens. */
export class Stage {
  readonly #simulation: Simulation<string>
  #written = 0

  constructor(simulation: Simulation<string>) {
    this.#simulation = simulation
  }

  get servers(): readonly SimulatedServer<string>[] {
    return this.#simulation.servers
  }

  get simulation(): Simulation<string> {
    return this.#simulation
  }

  /** Tells whoever watches what happens. */
  say(text: string): void {
    const { trace, clock } = this.#simulation
    trace.note(clock.now(), [120, text.length], () => `-- ${text}`)
  }

  /** Notes that something is not as it must be, and ends the play if it, or anything before, is not. */
  expect(holds: boolean, text: string): void {
    const { violations } = this.#simulation
    violations.expect(holds, 'play', () => text)
    if (violations.first !== undefined) throw new PlayOver()
  }

  /** The server with the ID. */
  server(id: string): SimulatedServer<string> {
    return this.servers.find((server) => server.id === id)!
  }

  /** All servers but these. */
  others(...servers: readonly SimulatedServer<string>[]): readonly SimulatedServer<string>[] {
    return this.servers.filter((server) => !servers.includes(server))
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds: number): Promise<void> {
    const { clock } = this.#simulation
    const end = clock.now() + milliseconds
    clock.setTimer(() => {}, milliseconds)
    await this.until('time passes', () => clock.now() >= end, milliseconds + 1)
  }

  /** Lets time pass until something holds; it must within the limit. */
  async until(what: string, holds: () => boolean, limit = LIMIT): Promise<void> {
    const { clock } = this.#simulation
    const end = clock.now() + limit
    await this.#simulation.runUntil(() => holds() || clock.now() >= end)
    this.expect(holds(), `${what}: not so after ${limit} ms; ${this.#simulation.describe()}`)
  }

  /** Waits for a leader among the servers, all by default. */
  async leader(among: readonly SimulatedServer<string>[] = this.servers): Promise<SimulatedServer<string>> {
    await this.until(`one of ${among.map(({ id }) => id).join(', ')} leads`, () => among.some((one) => one.isLeading))
    const found = among.find((one) => one.isLeading) ?? among[0]!
    this.say(`${found.id} leads in term ${found.inspection?.term ?? 0}`)
    return found
  }

  /** Waits for the end of a call. */
  async end<T>(call: Promise<T>, what = 'a call ends'): Promise<Fate<T>> {
    let fate: Fate<T> | undefined
    call.then(
      (value) => (fate = { value }),
      (error: Error) => (fate = { error }),
    )
    await this.until(what, () => fate !== undefined)
    return fate ?? { error: new Error('it did not end') }
  }

  /** Asks a server for a write, without waiting. */
  begin(server: SimulatedServer<string>): Promise<unknown> {
    const value = `${++this.#written}`
    const command = encodeRegister({ kind: 'write', key: 'x', value })
    this.#simulation.ledger.issue(command)
    return this.call(server, (calls) =>
      calls.apply(command).then(
        ({ index }) => this.#simulation.ledger.acknowledge(index, command),
        (error: unknown) => {
          if (isRaftError(error) && error.outcome === 'rejected') this.#simulation.ledger.reject(command, error.message)
          throw error
        },
      ),
    )
  }

  /** Writes something through a server, and expects it to be done. */
  async write(server: SimulatedServer<string>, count = 1): Promise<void> {
    for (let write = 0; write < count; write++) {
      const fate = await this.end(this.begin(server), `a write through ${server.id} ends`)
      if ('error' in fate) return this.expect(false, `${server.id} does not write: ${fate.error.message}`)
    }
  }

  /** Expects that a server writes nothing: the attempt fails. */
  async refuse(server: SimulatedServer<string>): Promise<Error | undefined> {
    const fate = await this.end(this.begin(server), `a write through ${server.id} ends`)
    this.expect('error' in fate, `${server.id} writes, although it must not`)
    return 'error' in fate ? fate.error : undefined
  }

  /** Has a server added as a voter, or without a vote, and expects that to be done. */
  async add(leader: SimulatedServer<string>, { id, address }: SimulatedServer<string>, voter = true): Promise<void> {
    const fate = await this.end(
      this.call(leader, (calls) =>
        calls.change('add', (raft) => (voter ? raft.addVoter(id, address) : raft.addNonvoter(id, address))),
      ),
    )
    this.expect('value' in fate, `${id} is not added`)
  }

  /** What the state machine of a server says, read as a client would. */
  async read(server: SimulatedServer<string>): Promise<Fate<string>> {
    return await this.end(
      this.call(server, (calls) => calls.read((fsm) => (fsm as RegisterMachine).get('x')).then(({ output }) => output)),
    )
  }

  /** Does something in a server's process. */
  call<T>(
    server: SimulatedServer<string>,
    ask: (calls: NonNullable<SimulatedServer<string>['calls']>) => Promise<T>,
  ): Promise<T> {
    const called = new Promise<T>((resolve, reject) => {
      const { process, calls } = server
      if (process === undefined || calls === undefined) return reject(new Error(`${server.id} is down`))
      process.run(() => void ask(calls).then(resolve, reject))
    })
    // Some calls are left to themselves.
    called.catch(() => {})
    return called
  }

  /** Hears of every request that is sent. */
  listen(hear: (message: SentRequest) => void): void {
    const { observer } = this.#simulation.network
    const requesting = observer?.requesting?.bind(observer)
    observer!.requesting = (message) => {
      hear(message)
      return requesting?.(message)
    }
  }

  /** Asks a server for its vote in the name of another one, which is down. True if it gives it. */
  async askForVote(
    candidate: SimulatedServer<string>,
    voter: SimulatedServer<string>,
    about: Pick<RequestVoteRequest, 'term' | 'lastLogIndex' | 'lastLogTerm'>,
  ): Promise<boolean> {
    const { network, clock } = this.#simulation
    const process = new SimulatedProcess({ name: 'candidate', clock })
    const transport = network.open({ process, address: `${candidate.address} by hand`, timeout: 1_000 })
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    const [id, address] = [bytes(candidate.id), bytes(candidate.address)]
    const header = { protocolVersion: 3, id, address }
    const request = { header, candidate: address, leadershipTransfer: false, ...about }
    const asked = transport.requestVote({ id: voter.id, address: voter.address }, request)
    const fate = await this.end(asked, `${voter.id} answers`)
    process.kill()
    return 'value' in fate && fate.value.granted
  }

  /** Cuts servers off from all others, or from some. */
  cut(servers: readonly SimulatedServer<string>[], from = this.others(...servers)): void {
    const { links } = this.#simulation.network
    for (const { address } of servers) {
      for (const { address: other } of from) {
        links.cut(address, other)
        links.cut(other, address)
      }
    }
    this.say(`cut: ${idsOf(servers)} from ${idsOf(from)}`)
  }

  /** Loses what one server sends to another, and not what comes back. */
  cutOneWay(from: SimulatedServer<string>, to: SimulatedServer<string>): void {
    this.#simulation.network.links.cut(from.address, to.address)
    this.say(`${to.id} no longer hears ${from.id}`)
  }

  /** Everybody hears everybody. */
  heal(): void {
    this.#simulation.network.links.mendAmong(() => true)
    this.say('everybody hears everybody')
  }

  /** Waits until all servers that are up have applied the same. */
  async same(servers: readonly SimulatedServer<string>[] = this.servers): Promise<void> {
    const applied = (): Set<number | undefined> => new Set(servers.map(({ inspection }) => inspection?.appliedIndex))
    const committed = (): boolean =>
      servers.some(({ isLeading, inspection }) => isLeading && inspection?.commitIndex === inspection?.lastIndex)
    await this.until(`${idsOf(servers)} have the same`, () => applied().size === 1 && committed())
  }
}

function idsOf(servers: readonly SimulatedServer<string>[]): string {
  return servers.map(({ id }) => id).join(', ')
}
