import type { SeededRandom } from '../world/random.ts'
import type { FaultRates } from './fault-plan.ts'
import { changeMembership } from './membership.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** Faults that were made, by kind. */
export type FaultCounts = Partial<Record<keyof FaultRates, number>>

/** Makes things go wrong, each kind at its own pace, until it is told to stop; then it makes everything good again. */
export class Faults<R> {
  readonly counts: FaultCounts = {}
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  readonly #random: SeededRandom
  #stopped = false

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[]) {
    this.#scene = scene
    this.#servers = servers
    this.#random = scene.random.fork('faults')
  }

  start(): void {
    const kinds = Object.keys(this.#scene.plan.rates) as (keyof FaultRates)[]
    for (const kind of kinds) this.#schedule(kind, this.#random.fork(kind))
  }

  /** Ends all faults: everybody runs, and hears everybody. */
  heal(): void {
    this.#stopped = true
    this.#scene.network.links.mendAll()
    const { network } = this.#scene
    network.links.conditions = { ...network.links.conditions, loss: 0, duplication: 0 }
    for (const server of this.#servers) {
      server.disk.release()
      server.disk.conditions = { ...server.disk.conditions, full: false, failures: 0 }
      server.process?.resume()
      if (!server.retired) server.start()
    }
  }

  #schedule(kind: keyof FaultRates, random: SeededRandom): void {
    const mean = this.#scene.plan.rates[kind]
    if (mean === 0) return
    const next = (): void => {
      this.#after(random.exponential(mean * 1_000), () => {
        this.counts[kind] = (this.counts[kind] ?? 0) + 1
        this.#make(kind, random)
        next()
      })
    }
    next()
  }

  #make(kind: keyof FaultRates, random: SeededRandom): void {
    const lasting = random.exponential(this.#scene.plan.faultDuration)
    const server = this.#victim(random)
    const { trace, clock } = this.#scene
    trace.note(
      clock.now(),
      [104, kind.length, server.number],
      () => `fault: ${kind} (${server.id}, ${Math.round(lasting)} ms)`,
    )
    switch (kind) {
      case 'crash':
        return this.#crash([server], lasting)
      case 'powerCut':
        return this.#crash(this.#servers, lasting)
      case 'pause':
        return this.#pause(server, lasting)
      case 'partition':
        return this.#partition(server, random, lasting)
      case 'oneWayCut':
        return this.#cutOneWay(server, random, lasting)
      case 'clog':
        return this.#clog(server, random, lasting)
      case 'diskHang':
        return this.#hang(server, lasting)
      case 'diskFull':
        return this.#fail(server, lasting, { full: true, failures: 0 })
      case 'diskFailure':
        return this.#fail(server, lasting, { full: false, failures: 0.5 })
      case 'clockJump':
        return server.process?.jump(random.between(-600_000, 600_000))
      case 'transfer':
        return this.#transfer(random)
      case 'snapshot':
        return this.#snapshot(server)
      case 'membership':
        return changeMembership(this.#servers, this.#scene, random)
    }
  }

  /** A server by chance, or the leader if it is aimed at. */
  #victim(random: SeededRandom): SimulatedServer<R> {
    const aimed = random.chance(this.#scene.plan.aimAtLeaders)
    const any = random.pick(this.#servers)
    return (aimed ? this.#servers.find((server) => server.isLeading) : undefined) ?? any
  }

  #crash(servers: readonly SimulatedServer<R>[], lasting: number): void {
    for (const server of servers) {
      if (!server.isUp) continue
      server.crash()
      this.#after(lasting, () => {
        if (!server.retired) server.start()
      })
    }
  }

  #pause(server: SimulatedServer<R>, lasting: number): void {
    const { process } = server
    process?.pause()
    this.#after(lasting, () => process?.resume())
  }

  /** Cuts one server off, or a set by chance; one way only, sometimes. */
  #partition(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const alone = random.chance(0.5)
    const one = this.#servers.filter((other) => (alone ? other === server : random.chance(0.5)))
    for (const from of one) {
      for (const to of this.#servers.filter((other) => !one.includes(other))) {
        this.#cut(from, to, lasting)
        this.#cut(to, from, lasting)
      }
    }
  }

  #cutOneWay(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const others = random.chance(0.5) ? this.#servers : [random.pick(this.#servers)]
    const inwards = random.chance(0.5)
    for (const other of others) {
      if (other === server) continue
      if (inwards) this.#cut(other, server, lasting)
      else this.#cut(server, other, lasting)
    }
  }

  #cut(from: SimulatedServer<R>, to: SimulatedServer<R>, lasting: number): void {
    const { links } = this.#scene.network
    links.cut(from.address, to.address)
    this.#after(lasting, () => links.mend(from.address, to.address))
  }

  #clog(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const { network, clock } = this.#scene
    const other = random.pick(this.#servers)
    network.links.clog(server.address, other.address, clock.now() + lasting)
    if (random.chance(0.5)) network.links.clog(other.address, server.address, clock.now() + lasting)
  }

  #hang(server: SimulatedServer<R>, lasting: number): void {
    server.disk.hang()
    this.#after(lasting, () => server.disk.release())
  }

  /** Lets writes fail until the node has stopped itself, as it must, and starts it again once all is well. */
  #fail(server: SimulatedServer<R>, lasting: number, how: { readonly full: boolean; readonly failures: number }): void {
    if (!server.isUp) return
    server.excused = true
    server.disk.conditions = { ...server.disk.conditions, ...how }
    this.#after(lasting, () => {
      server.disk.conditions = { ...server.disk.conditions, full: false, failures: 0 }
      server.crash()
      server.excused = false
      if (!server.retired) server.start()
    })
  }

  #transfer(random: SeededRandom): void {
    const leader = this.#servers.find((server) => server.isLeading)
    const target = random.pick(this.#servers)
    const { raft, process } = leader ?? {}
    if (raft === undefined) return
    process?.run(() => {
      const asked = random.chance(0.5)
        ? raft.leadershipTransfer()
        : raft.leadershipTransferToServer(target.id, target.address)
      asked.catch(() => {})
    })
  }

  #snapshot(server: SimulatedServer<R>): void {
    const { raft, process } = server
    if (raft !== undefined) process?.run(() => void raft.snapshot().catch(() => {}))
  }

  #after(delay: number, fn: () => void): void {
    this.#scene.clock.setTimer(() => {
      if (!this.#stopped) fn()
    }, delay)
  }
}
