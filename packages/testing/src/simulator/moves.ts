import type { SeededRandom } from '../world/random.ts'
import { votersOf } from '../checks/configurations.ts'
import { isMembershipChanging } from './membership.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** Milliseconds between two looks whether the cluster knows where its members are. */
const INTERVAL = 500

/**
 * Moves members to new addresses, one at a time: the next one once the cluster knows of it. Until then nobody can reach
 * the one that has moved, so the others must be a majority without it.
 */
export class Moves<R> {
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  #moves = 0
  #open = 0

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[]) {
    this.#scene = scene
    this.#servers = servers
  }

  /** Somebody has moved, and the cluster does not know it yet: not the time for other changes. */
  get isUnderWay(): boolean {
    return this.#open > 0
  }

  /** Moves a server, and has the cluster told until it knows. */
  move(server: SimulatedServer<R>, random: SeededRandom): void {
    const leader = this.#leader()
    const { inspection } = leader ?? {}
    if (inspection === undefined || this.#open > 0 || isMembershipChanging(this.#servers)) return
    const { configuration, index } = inspection.latestConfiguration
    const isMember = configuration.servers.some(({ id }) => id === server.id)
    if (!isMember || index > inspection.commitIndex || votersOf(configuration).length < 3) return
    this.#open += 1
    const { trace, clock } = this.#scene
    server.crash()
    server.address = `a${server.number}.${++this.#moves}`
    trace.note(clock.now(), [110, server.number, this.#moves], () => `${server.id} moves to ${server.address}`)
    clock.setTimer(() => server.start(), random.exponential(this.#scene.plan.faultDuration))
    clock.setTimer(() => this.#tell(), INTERVAL)
  }

  /** Tells the leader where the server is. It goes on when faults have ended: who is lost would stay so. */
  #tell(): void {
    const leader = this.#leader()
    const lost = leader === undefined ? undefined : this.#lost(leader)
    if (leader !== undefined && lost === undefined && isCommitted(leader)) {
      this.#open -= 1
      return
    }
    if (lost !== undefined) {
      leader!.process!.run(() =>
        leader!.calls!.ask('move', (raft) =>
          lost.voter ? raft.addVoter(lost.id, lost.address) : raft.addNonvoter(lost.id, lost.address),
        ),
      )
    }
    this.#scene.clock.setTimer(() => this.#tell(), INTERVAL)
  }

  /** A member that is not where the leader thinks it is. */
  #lost(leader: SimulatedServer<R>): { id: string; address: string; voter: boolean } | undefined {
    for (const { id, address, suffrage } of leader.raft!.getConfiguration().configuration.servers) {
      const server = this.#servers.find((other) => other.id === id)
      if (server === undefined || server.retired || server.address === address) continue
      return { id, address: server.address, voter: suffrage !== 'Nonvoter' }
    }
    return undefined
  }

  #leader(): SimulatedServer<R> | undefined {
    return this.#servers.find((server) => server.isLeading && server.process?.isRunning === true)
  }
}

function isCommitted<R>({ inspection }: SimulatedServer<R>): boolean {
  return inspection !== undefined && inspection.latestConfiguration.index <= inspection.commitIndex
}
