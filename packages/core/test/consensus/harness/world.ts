import type { Effect } from '../../../src/consensus/effects.ts'
import type { Event } from '../../../src/consensus/events.ts'
import type { Settings } from '../../../src/consensus/settings.ts'
import type { ConfigurationChangeCommand, Configuration, Server } from '../../../src/types/configuration.ts'
import { LogType } from '../../../src/types/log.ts'
import type { Callers } from './callers.ts'
import { Checker } from './checker.ts'
import type { Message } from './messages.ts'
import { type Surroundings, TestNode, type Unnumbered } from './test-node.ts'
import { addressOf, answerEvent } from './to-event.ts'

/** The settings of a server in these tests: the library's defaults, and short logs. */
export function settingsOf(id: string, changes: Partial<Settings> = {}): Settings {
  return {
    self: { id, address: addressOf(id) },
    protocolVersion: 3,
    heartbeatTimeout: 1_000,
    electionTimeout: 1_000,
    commitTimeout: 50,
    leaderLeaseTimeout: 500,
    maxAppendEntries: 64,
    trailingLogs: 10_240,
    preVote: true,
    toleratesGaps: true,
    removesSnapshots: true,
    ...changes,
  }
}

export function serverOf(id: string, suffrage: Server['suffrage'] = 'Voter'): Server {
  return { suffrage, id, address: addressOf(id) }
}

export function configurationOf(voters: readonly string[], others: readonly Server[] = []): Configuration {
  return { servers: [...voters.map((id) => serverOf(id)), ...others] }
}

/** Servers, what lies undelivered between them, and one clock that nobody but the test moves. */
export class World implements Surroundings {
  readonly nodes = new Map<string, TestNode>()
  readonly checker = new Checker(this.nodes)
  messages: Message[] = []
  time = 0
  /** What each server's own clock is ahead. */
  readonly skew = new Map<string, number>()
  /** How often each note was made: what a history has been through. */
  readonly notes = new Map<string, number>()
  /** Sees every step. */
  trace: ((node: TestNode, event: Event, effects: readonly Effect[]) => void) | undefined
  #nextMessage = 1
  #nextRequest = 1

  now(node: TestNode): number {
    return this.time + (this.skew.get(node.id) ?? 0)
  }

  post(message: Unnumbered): void {
    this.messages.push({ ...message, number: this.#nextMessage })
    this.#nextMessage += 1
  }

  traced(node: TestNode, event: Event, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'note') continue
      const { name } = effect.note
      this.notes.set(name, (this.notes.get(name) ?? 0) + 1)
    }
    this.trace?.(node, event, effects)
  }

  add(id: string, settings: Settings, random: () => number): TestNode {
    const node = new TestNode({ id, settings, random, world: this })
    this.nodes.set(id, node)
    return node
  }

  node(id: string): TestNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`there is no server ${id}`)
    return node
  }

  /** Writes the first configuration to the disk of a server, as offline bootstrapping does. */
  bootstrap(node: TestNode, configuration: Configuration): void {
    node.disk.vote = { term: 1 }
    node.disk.log.append({ index: 1, term: 1, type: LogType.Configuration, id: 'config@1/1', configuration })
  }

  get leaders(): readonly TestNode[] {
    return [...this.nodes.values()].filter((node) => node.consensus?.state === 'Leader')
  }

  take(message: Message): void {
    this.messages.splice(this.messages.indexOf(message), 1)
  }

  /** Delivers the message; what cannot be delivered fails at its sender. */
  deliver(message: Message): void {
    this.take(message)
    const to = this.nodes.get(message.to)
    if (message.type === 'request') {
      if (to?.up !== true) return this.fail(message)
      return to.receive(message)
    }
    if (to?.up !== true || to.life !== message.life) return
    if (message.type === 'response') return to.step(answerEvent(message))
    const { call, missing } = message
    to.step({ type: 'call-failed', call, error: new Error('unreachable'), missing })
  }

  /** Loses the message: its sender, or the one who waits for the response, hears of a failure. */
  lose(message: Message): void {
    this.take(message)
    this.fail(message)
  }

  fail(message: Message): void {
    if (message.type === 'failure') return
    const { call, from, life, request, to } = message
    if (message.type === 'response') this.post({ type: 'failure', from, to, life, call, request })
    else if (message.copy !== true) this.post({ type: 'failure', from: to, to: from, life, call, request })
  }

  /** Puts a second one of the message on its way. Only the first of two requests is answered. */
  duplicate(message: Message): void {
    if (message.type === 'failure') return
    const { number: _, ...rest } = message
    this.post(message.type === 'request' ? { ...rest, type: 'request', request: message.request, copy: true } : rest)
  }

  elapse(node: TestNode): void {
    if (node.rules.deadline <= this.now(node)) node.step({ type: 'elapsed' })
  }

  /** When the next server wants to be woken, on the world's clock. */
  get nextDeadline(): number {
    let next = Infinity
    for (const node of this.nodes.values()) {
      if (!node.up || node.paused) continue
      next = Math.min(next, node.rules.deadline - (this.skew.get(node.id) ?? 0))
    }
    return next
  }

  /** Delivers, in order, what is undelivered between these servers, and what comes of it. */
  settle(between: (message: Message) => boolean = () => true): void {
    for (let steps = 0; steps < 100_000; steps++) {
      const message = this.messages.find((message) => between(message) && this.nodes.get(message.to)?.paused !== true)
      if (message === undefined) return
      this.deliver(message)
    }
    throw new Error('it does not come to rest')
  }

  /** Lets time pass. Timers fire when they are due; messages move between if `delivering`. */
  advance(duration: number, delivering?: (message: Message) => boolean): void {
    const until = this.time + duration
    for (let steps = 0; steps < 100_000; steps++) {
      if (delivering !== undefined) this.settle(delivering)
      const next = this.nextDeadline
      if (next > until) {
        this.time = until
        return
      }
      this.time = Math.max(this.time, Math.ceil(next))
      for (const node of this.nodes.values()) if (node.up && !node.paused) this.elapse(node)
    }
    throw new Error('time does not pass')
  }

  read(node: TestNode, applied: boolean): number {
    const request = this.#ask(node, 'read')
    node.step({ type: 'read-asked', request, applied })
    return request
  }

  change(
    node: TestNode,
    change: { command: ConfigurationChangeCommand; id: string; address?: string; prevIndex?: number },
  ): number {
    const request = this.#ask(node, 'change')
    const { command, id, address = addressOf(id), prevIndex = 0 } = change
    node.step({ type: 'change-asked', request, command, server: { id, address }, prevIndex })
    return request
  }

  transfer(node: TestNode, target?: string, address?: string): number {
    const request = this.#ask(node, 'transfer')
    const peer = target === undefined ? undefined : { id: target, address: address ?? addressOf(target) }
    node.step({ type: 'transfer-asked', request, target: peer })
    return request
  }

  askBootstrap(node: TestNode, configuration: Configuration): number {
    const request = this.#ask(node, 'bootstrap')
    node.step({ type: 'bootstrap-asked', request, configuration })
    return request
  }

  restore(node: TestNode, index: number): number {
    const request = this.#ask(node, 'restore')
    node.step({ type: 'restore-asked', request, index })
    return request
  }

  withdraw(node: TestNode, request: number): void {
    this.checker.callers.withdrawn(request)
    node.step({ type: 'withdrawn', request })
  }

  #ask(node: TestNode, kind: Parameters<Callers['asked']>[2]): number {
    const request = this.#nextRequest
    this.#nextRequest += 1
    this.checker.callers.asked(node, request, kind)
    return request
  }
}
