import type { SeededRandom } from '../world/random.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** Does something later, unless faults have ended by then. */
export type After = (delay: number, fn: () => void) => void

/** Cuts and clogs between servers, each for a while. */
export class NetworkFaults<R> {
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  readonly #after: After

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[], after: After) {
    this.#scene = scene
    this.#servers = servers
    this.#after = after
  }

  /** Cuts one server off, or a set by chance. */
  partition(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const alone = random.chance(0.5)
    const one = this.#servers.filter((other) => (alone ? other === server : random.chance(0.5)))
    for (const from of one) {
      for (const to of this.#servers.filter((other) => !one.includes(other))) {
        this.#cut(from, to, lasting)
        this.#cut(to, from, lasting)
      }
    }
  }

  /** Cuts what one server sends, or hears: to and from all, or one. */
  cutOneWay(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const others = random.chance(0.5) ? this.#servers : [random.pick(this.#servers)]
    const inwards = random.chance(0.5)
    for (const other of others) {
      if (other === server) continue
      if (inwards) this.#cut(other, server, lasting)
      else this.#cut(server, other, lasting)
    }
  }

  /** Holds back what one server sends to another, and in half of the cases the other way too. */
  clog(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    const { network, clock } = this.#scene
    const other = random.pick(this.#servers)
    network.links.clog(server.address, other.address, clock.now() + lasting)
    if (random.chance(0.5)) network.links.clog(other.address, server.address, clock.now() + lasting)
  }

  #cut({ address: from }: SimulatedServer<R>, { address: to }: SimulatedServer<R>, lasting: number): void {
    const { links } = this.#scene.network
    links.cut(from, to)
    this.#after(lasting, () => links.mend(from, to))
  }
}
