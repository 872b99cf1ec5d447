import { type Server, voteRecord } from '@raft/core'
import { votersOf } from '../checks/configurations.ts'
import type { SeededRandom } from '../world/random.ts'
import type { SimulatedClock } from '../world/simulated-clock.ts'
import type { Trace } from '../world/trace.ts'
import type { After } from './network-faults.ts'
import type { Replacements } from './replacements.ts'
import type { SimulatedServer } from './simulated-server.ts'

/** What damaging disks takes. */
export interface BitRotOptions<R> {
  readonly servers: readonly SimulatedServer<R>[]
  readonly replacements: Replacements<R>
  readonly after: After
  readonly trace: Trace
  readonly clock: SimulatedClock
}

/**
 * Flips bits in records of servers that are down: in an entry, in the record of term and vote, or in the newest
 * snapshot. It is planned: a majority of the voters is always whole, so that nothing may be lost.
 */
export class BitRot<R> {
  readonly #options: BitRotOptions<R>

  constructor(options: BitRotOptions<R>) {
    this.#options = options
  }

  /** Damages a server's disk, unless too many are damaged already. It is started again, and replaced. */
  damage(server: SimulatedServer<R>, random: SeededRandom, lasting: number): void {
    if (!this.#mayBeDamaged(server)) return
    const { trace, clock, after, replacements } = this.#options
    server.crash()
    const { store } = server.disk.durable
    const [snapshot] = server.disk.durableSnapshots
    const kind = random.next()
    const index = random.integer(store.firstIndex(), store.lastIndex())
    if (snapshot !== undefined && kind < 0.3) snapshot.rotten = true
    else if (index > 0 && kind < 0.8) server.disk.rot(index)
    else server.disk.rot(voteRecord.key)
    const what = server.disk.damage ?? 'the newest snapshot'
    trace.note(clock.now(), [109, server.number, index], () => `bits flip on the disk of ${server.id}: ${what}`)
    after(lasting, () => server.start())
    after(lasting + 2_000, () => {
      // With a snapshot that cannot be read it may live on an older one.
      if (!server.isUp || server.disk.damage !== undefined) replacements.replaceForCertain(server, random)
    })
  }

  /** It is a voter, and the others that are whole are a majority, whichever membership counts in the end. */
  #mayBeDamaged(server: SimulatedServer<R>): boolean {
    const { servers } = this.#options
    if (!servers.some(({ isLeading }) => isLeading) || server.retired || server.disk.isDamaged) return false
    const isDamaged = ({ id }: Server): boolean =>
      servers.some((other) => other.id === id && (other === server || other.disk.isDamaged))
    return this.#memberships().every((voters) => {
      const isVoter = voters.some(({ id }) => id === server.id)
      return isVoter && voters.filter(isDamaged).length * 2 < voters.length
    })
  }

  /** The voters of the newest membership that is known to be committed, and of all that may follow it. */
  #memberships(): readonly (readonly Server[])[] {
    const views = this.#options.servers.flatMap(({ inspection }) => inspection ?? [])
    const committed = Math.max(...views.map(({ committedConfiguration }) => committedConfiguration.index))
    return views
      .flatMap(({ committedConfiguration, latestConfiguration }) => [committedConfiguration, latestConfiguration])
      .filter(({ index }) => index >= committed)
      .map(({ configuration }) => votersOf(configuration))
  }
}
