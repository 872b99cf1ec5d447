import { ConfigurationChangeCommand } from '../../../src/types/configuration.ts'
import { votersOf } from '../../../src/consensus/membership.ts'
import type { Part } from './disk.ts'
import type { Message } from './messages.ts'
import type { Profile, Weights } from './profiles.ts'
import { Seeded } from './seeded.ts'
import type { TestNode } from './test-node.ts'
import { configurationOf, settingsOf, World } from './world.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** One random history of a cluster. The seed decides everything; the checker watches every step. */
export class RandomRun {
  readonly world = new World()
  readonly #profile: Profile
  readonly #random: Seeded
  readonly #actions: Readonly<Record<keyof Weights, () => void>>
  /** Links that lose everything, as `from>to`. */
  readonly #cut = new Set<string>()
  #commands = 0
  #requests: { readonly node: TestNode; readonly request: number }[] = []

  constructor(profile: Profile, seed: number) {
    this.#profile = profile
    this.#random = new Seeded(seed)
    const voters = names.slice(0, profile.voters)
    for (const id of names.slice(0, profile.voters + profile.spares)) {
      const node = this.world.add(id, settingsOf(id, profile.settings), this.#random.next)
      this.world.skew.set(id, this.#random.between(0, 1_000_000))
      node.holdWrites = profile.held
      node.holdApplies = profile.held
      node.holdReceiving = profile.held
      if (voters.includes(id)) this.world.bootstrap(node, configurationOf(voters))
      node.start()
    }
    this.#actions = {
      deliver: () => this.#deliver(),
      lose: () => this.#withMessage((message) => this.world.lose(message)),
      duplicate: () => this.#withMessage((message) => this.world.duplicate(message)),
      write: () => this.#withNode((node) => node.finishWrites(this.#random.between(1, 3))),
      apply: () => this.#withNode((node) => node.finishFsmWork(this.#random.between(1, 4))),
      receive: () => this.#receive(),
      time: () => this.#passTime(),
      propose: () => this.#propose(),
      read: () => this.#read(),
      change: () => this.#change(),
      transfer: () => this.#transfer(),
      snapshot: () => this.#snapshot(),
      crash: () => this.#crash(),
      restart: () => this.#restart(),
      cut: () => this.#cutLinks(),
      heal: () => this.#cut.clear(),
      pause: () => this.#pause(),
      withdraw: () => this.#withdraw(),
    }
  }

  /** Runs the whole history, then lets the cluster come to rest and checks that it does. */
  run(): void {
    for (let step = 0; step < this.#profile.steps; step++) this.step()
    this.rest()
  }

  step(): void {
    this.#actions[this.#random.weighted({ ...this.#profile.weights })]()
  }

  /** Everything works again: within a few timeouts there is one leader, all agree, and nobody waits for anything. */
  rest(): void {
    this.#cut.clear()
    const lost = this.#spareServer()
    if (lost?.up === true) lost.crash()
    for (const node of this.world.nodes.values()) {
      node.paused = false
      node.holdWrites = false
      node.holdApplies = false
      node.holdReceiving = false
      if (node.up) node.finishWhatIsNotHeld()
      else if (node !== lost) node.start()
    }
    this.world.advance(60_000, () => true)
    const [leader, ...others] = this.world.leaders
    if (leader === undefined || others.length > 0)
      throw new Error(`L1: ${this.world.leaders.length} leaders at the end`)
    const { commitIndex, latestConfiguration } = leader.rules
    for (const { id } of latestConfiguration.configuration.servers) {
      if (id === lost?.id) continue
      const { rules, fsm, inbounds } = this.world.node(id)
      const { applied, state } = fsm
      if (rules.commitIndex !== commitIndex || applied !== commitIndex || rules.lastIndex !== leader.rules.lastIndex) {
        throw new Error(`L3: ${id} is at ${applied}, ${rules.commitIndex} of ${rules.lastIndex}, not at ${commitIndex}`)
      }
      if (state !== leader.fsm.state) throw new Error(`S13: the state of ${id} differs`)
      if (inbounds.size > 0) throw new Error(`L7: ${id} did not reply to ${inbounds.size} requests`)
    }
    for (const node of this.world.nodes.values()) {
      // Who is lost for ever is never promoted; whoever asked for that waits, until he gives up.
      const { role } = node.consensus ?? {}
      const hopeless = lost !== undefined && role?.kind === 'leader' && role.promotions.has(lost.id)
      const waiting = this.world.checker.callers.waiting(node).filter(({ kind }) => kind !== 'change' || !hopeless)
      if (waiting.length > 0) throw new Error(`L7: ${node.id} did not answer a ${waiting[0]?.kind}`)
      if (node.proposals.length > 0) throw new Error(`L7: ${node.id} did not answer ${node.proposals[0]?.id}`)
    }
    for (const [id, index] of this.world.checker.callers.acknowledgements) {
      if (this.world.checker.committed[index]?.id !== id) throw new Error(`D1: ${id} is lost`)
    }
  }

  /** A server that never comes back, in half of the histories; a majority of the voters is left (L1). */
  #spareServer(): TestNode | undefined {
    if (this.#random.chance(0.5)) return undefined
    const lost = this.#random.pick([...this.world.nodes.values()])
    const { configurationIndex } = this.world.checker
    for (const { consensus, disk, memory } of this.world.nodes.values()) {
      // A change that is still in line may take away the majority.
      if (consensus?.role.kind === 'leader' && consensus.role.changes.length > 0) return undefined
      const snapshot = disk.newestSnapshot?.position
      const known = [...disk.log.configurations, ...memory.configurations]
      if (snapshot !== undefined)
        known.push({ index: snapshot.configurationIndex, configuration: snapshot.configuration })
      for (const { index, configuration } of known) {
        const voters = votersOf(configuration)
        const left = voters.filter(({ id }) => id !== lost?.id)
        // It may yet be promoted: its leader does not know that it is lost.
        const staging = configuration.servers.some(({ id, suffrage }) => id === lost?.id && suffrage === 'Staging')
        if (index >= configurationIndex && (staging || left.length * 2 <= voters.length)) return undefined
      }
    }
    return lost
  }

  #withNode(act: (node: TestNode) => void): void {
    const node = this.#random.pick([...this.world.nodes.values()].filter(({ up, paused }) => up && !paused))
    if (node === undefined) return
    act(node)
    if (!this.#profile.held) node.finishWhatIsNotHeld()
  }

  /** A leader, as often as the profile says, or any server that is up. */
  #withVictim(act: (node: TestNode) => void): void {
    const leader = this.#random.pick(this.world.leaders)
    if (leader !== undefined && this.#random.chance(this.#profile.atLeaders)) act(leader)
    else this.#withNode(act)
  }

  #withMessage(act: (message: Message) => void): void {
    // A failure always reaches the one who waits: it happens at home.
    const message = this.#random.pick(this.world.messages)
    if (message !== undefined && message.type !== 'failure') act(message)
  }

  #deliver(): void {
    const { messages } = this.world
    const message = this.#random.chance(this.#profile.reorder) ? this.#random.pick(messages) : messages[0]
    if (message === undefined || this.world.nodes.get(message.to)?.paused === true) return
    if (this.#cut.has(`${message.from}>${message.to}`) && message.type !== 'failure') this.world.lose(message)
    else this.world.deliver(message)
  }

  #receive(): void {
    const error = this.#random.chance(0.1) ? new Error('short read') : undefined
    this.#withNode((node) => node.finishReceiving(error))
  }

  #passTime(): void {
    const { world } = this
    const next = world.nextDeadline
    const jump = this.#random.chance(0.5) && next !== Infinity
    world.time = jump ? Math.max(world.time, Math.ceil(next)) : world.time + this.#random.between(1, 40)
    for (const node of world.nodes.values()) if (node.up && !node.paused) world.elapse(node)
  }

  #propose(): void {
    const leaders = this.#random.chance(0.9) ? this.world.leaders : [...this.world.nodes.values()]
    const node = this.#random.pick(leaders.filter(({ up, paused }) => up && !paused))
    if (node === undefined) return
    const ids = Array.from({ length: this.#random.between(1, 3) }, () => `w${++this.#commands}`)
    node.propose(ids)
  }

  #read(): void {
    this.#withVictim((node) => {
      if (!node.paused) this.#requests.push({ node, request: this.world.read(node, this.#random.chance(0.5)) })
    })
  }

  #change(): void {
    const commands = [
      ConfigurationChangeCommand.AddVoter,
      ConfigurationChangeCommand.AddVoter,
      ConfigurationChangeCommand.AddNonvoter,
      ConfigurationChangeCommand.DemoteVoter,
      ConfigurationChangeCommand.RemoveServer,
    ]
    const node = this.#random.pick(this.world.leaders.filter(({ paused }) => !paused))
    const id = this.#random.pick([...this.world.nodes.keys()])
    const command = this.#random.pick(commands)
    if (node === undefined || id === undefined || command === undefined) return
    this.#requests.push({ node, request: this.world.change(node, { command, id }) })
  }

  #transfer(): void {
    const target = this.#random.chance(0.5) ? undefined : this.#random.pick([...this.world.nodes.keys()])
    this.#withVictim((node) => {
      if (!node.paused) this.#requests.push({ node, request: this.world.transfer(node, target) })
    })
  }

  #snapshot(): void {
    this.#withNode((node) => {
      if (node.ownSnapshot === undefined) node.beginSnapshot()
      else node.finishSnapshot()
    })
  }

  #crash(): void {
    const parts: readonly Part[] = ['nothing', 'vote', 'removal', 'everything']
    this.#withVictim((node) => {
      const whole = this.#random.between(0, node.writes.length)
      node.crash({ whole, part: this.#random.pick(parts) ?? 'nothing' })
    })
  }

  #restart(): void {
    const node = this.#random.pick([...this.world.nodes.values()].filter(({ up }) => !up))
    node?.start()
  }

  #cutLinks(): void {
    this.#withVictim((victim) => {
      for (const id of this.world.nodes.keys()) {
        if (id === victim.id || this.#random.chance(0.3)) continue
        this.#cut.add(`${victim.id}>${id}`)
        // Every third cut is one way only.
        if (this.#random.chance(0.67)) this.#cut.add(`${id}>${victim.id}`)
      }
    })
  }

  #pause(): void {
    const paused = [...this.world.nodes.values()].filter((node) => node.paused)
    if (paused.length > 0) for (const node of paused) node.paused = false
    else this.#withVictim((node) => (node.paused = true))
  }

  #withdraw(): void {
    const asked = this.#random.pick(this.#requests.slice(-5))
    if (asked === undefined || !asked.node.up || asked.node.paused) return
    this.world.withdraw(asked.node, asked.request)
  }
}
