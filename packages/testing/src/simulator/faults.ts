import type { SeededRandom } from '../world/random.ts'
import { BitRot } from './bit-rot.ts'
import { crashPoints } from './crash-points.ts'
import type { FaultRates } from './fault-plan.ts'
import { changeMembership } from './membership.ts'
import { Moves } from './moves.ts'
import { NetworkFaults } from './network-faults.ts'
import { Replacements } from './replacements.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** Faults that were made, by kind. */
export type FaultCounts = Partial<Record<keyof FaultRates, number>>

/** What one fault is to be. */
interface Hit<R> {
  /** A server by chance, or the leader if it is aimed at. */
  readonly server: SimulatedServer<R>
  readonly random: SeededRandom
  /** Milliseconds that it lasts. */
  readonly lasting: number
}

/** How many times faster than an election timeout a healed network and healed disks are, on average. */
const FAST = 50

/** Makes things go wrong, each kind at its own pace, until it is told to stop; then it makes everything good again. */
export class Faults<R> {
  readonly counts: FaultCounts = {}
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  readonly #random: SeededRandom
  readonly #kinds: Readonly<Record<keyof FaultRates, (hit: Hit<R>) => void>>
  #stopped = false

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[]) {
    this.#scene = scene
    this.#servers = servers
    this.#random = scene.random.fork('faults')
    const after = (delay: number, fn: () => void): void => this.#after(delay, fn)
    const network = new NetworkFaults(scene, servers, after)
    const replacements = new Replacements(scene, servers, after)
    const rot = new BitRot({ servers, replacements, after, trace: scene.trace, clock: scene.clock })
    const moves = new Moves(scene, servers)
    this.#kinds = {
      crash: ({ server, lasting }) => this.#crash([server], lasting),
      crashPoint: ({ server, lasting, random }) => {
        server.crashAt(random.pick(crashPoints), random.integer(0, 30), () => this.#startAfter(server, lasting))
      },
      powerCut: ({ lasting }) => this.#crash(this.#servers, lasting),
      stop: ({ server, lasting }) => {
        server.stop()
        this.#startAfter(server, lasting)
      },
      pause: ({ server, lasting }) => this.#pause(server, lasting),
      partition: ({ server, random, lasting }) => network.partition(server, random, lasting),
      oneWayCut: ({ server, random, lasting }) => network.cutOneWay(server, random, lasting),
      clog: ({ server, random, lasting }) => network.clog(server, random, lasting),
      diskHang: ({ server, lasting }) => this.#hang(server, lasting),
      diskFull: ({ server, lasting }) => this.#fail(server, lasting, { full: true, failures: 0 }),
      diskFailure: ({ server, lasting }) => this.#fail(server, lasting, { full: false, failures: 0.5 }),
      bitRot: ({ server, random, lasting }) => rot.damage(server, random, lasting),
      clockJump: ({ server, random }) => server.process?.jump(random.between(-600_000, 600_000)),
      transfer: ({ random }) => this.#transfer(random),
      snapshot: ({ server }) => this.#snapshot(server),
      membership: ({ random }) => {
        if (moves.isUnderWay) return
        const changeable = servers.filter((each) => !each.retired && !replacements.isReplacing(each))
        changeMembership({ servers, changeable }, scene, random)
      },
      replacement: ({ server, random }) => {
        if (!moves.isUnderWay) replacements.replace(server, random)
      },
      restore: ({ random }) => this.#restore(random),
      move: ({ server, random }) => {
        if (!replacements.isUnderWay) moves.move(server, random)
      },
    }
  }

  start(): void {
    const kinds = Object.keys(this.#scene.plan.rates) as (keyof FaultRates)[]
    for (const kind of kinds) this.#schedule(kind, this.#random.fork(kind))
  }

  /** Makes no new faults, and ends none. */
  stop(): void {
    this.#stopped = true
  }

  /**
   * Ends all faults of these servers: each runs, and hears the others. The network loses nothing any more, and network and
   * disks are fast beside an election timeout, as Raft needs them to be.
   */
  heal(servers: readonly SimulatedServer<R>[] = this.#servers): void {
    this.stop()
    const { links } = this.#scene.network
    const addresses = new Set(servers.map(({ address }) => address))
    links.mendAmong((address) => servers === this.#servers || addresses.has(address))
    const { electionTimeout } = this.#servers[0]!.config
    const fast = (mean: number): number => Math.min(mean, electionTimeout / FAST)
    links.conditions = { ...links.conditions, meanDelay: fast(links.conditions.meanDelay), loss: 0, duplication: 0 }
    for (const server of servers) {
      server.disk.release()
      const { conditions } = server.disk
      server.disk.conditions = { ...conditions, meanLatency: fast(conditions.meanLatency), full: false, failures: 0 }
      server.crashAt(undefined)
      server.process?.resume()
      server.keepUp()
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
    this.#kinds[kind]({ server, random, lasting })
  }

  /** A server by chance, or the leader if it is aimed at. */
  #victim(random: SeededRandom): SimulatedServer<R> {
    const aimed = random.chance(this.#scene.plan.aimAtLeaders)
    const any = random.pick(this.#servers.filter(({ retired }) => !retired))
    return (aimed ? this.#servers.find((server) => server.isLeading) : undefined) ?? any
  }

  #crash(servers: readonly SimulatedServer<R>[], lasting: number): void {
    for (const server of servers) {
      if (!server.isUp) continue
      server.crash()
      this.#startAfter(server, lasting)
    }
  }

  #startAfter(server: SimulatedServer<R>, delay: number): void {
    this.#after(delay, () => server.start())
  }

  #pause({ process }: SimulatedServer<R>, lasting: number): void {
    process?.pause()
    this.#after(lasting, () => process?.resume())
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
      server.start()
    })
  }

  #transfer(random: SeededRandom): void {
    const leader = this.#servers.find((server) => server.isLeading)
    const target = random.pick(this.#servers)
    const anybody = random.chance(0.5)
    leader?.process?.run(() => void leader.calls?.transfer(anybody ? undefined : target).catch(() => {}))
  }

  /** Gives the cluster the state of any snapshot that a server has. */
  #restore(random: SeededRandom): void {
    const leader = this.#servers.find((server) => server.isLeading)
    const files = this.#servers.flatMap(({ disk }) => disk.durableSnapshots.filter(({ rotten }) => !rotten))
    if (files.length === 0 || this.#scene.workload.stateOf === undefined) return
    const file = random.pick(files)
    leader?.process?.run(() => void leader.calls?.restore(file).catch(() => {}))
  }

  #snapshot({ process, calls }: SimulatedServer<R>): void {
    process?.run(() => calls?.ask('snapshot', (raft) => raft.snapshot()))
  }

  #after(delay: number, fn: () => void): void {
    this.#scene.clock.setTimer(() => {
      if (!this.#stopped) fn()
    }, delay)
  }
}
