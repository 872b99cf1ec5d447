import type { SeededRandom } from '../world/random.ts'
import type { After } from './network-faults.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** Milliseconds after which a removal that has not ended is given up. */
const PATIENCE = 5_000

/**
 * Takes servers out of the cluster, destroys their disks, and lets them come back. One that has voted comes back under a
 * new ID: under the old one it could vote in the same term again, which no protocol can notice.
 */
export class Replacements<R> {
  readonly #scene: Scene<R>
  readonly #servers: readonly SimulatedServer<R>[]
  readonly #after: After
  readonly #underWay = new Set<SimulatedServer<R>>()

  constructor(scene: Scene<R>, servers: readonly SimulatedServer<R>[], after: After) {
    this.#scene = scene
    this.#servers = servers
    this.#after = after
  }

  /** Replaces a server if there is a leader that does it. */
  replace(server: SimulatedServer<R>, random: SeededRandom): void {
    const leader = this.#leader()
    const { raft, process } = leader ?? {}
    if (raft === undefined || process === undefined || leader === server || this.#underWay.has(server)) return
    const { servers } = raft.getConfiguration().configuration
    const left = servers.filter(({ suffrage, id }) => suffrage === 'Voter' && id !== server.id)
    if (left.length < 2 || server.retired) return
    this.#underWay.add(server)
    this.#after(PATIENCE, () => this.#underWay.delete(server))
    process.run(() => {
      leader!
        .calls!.change('remove', (asked) => asked.removeServer(server.id))
        .then(
          () => this.#after(random.exponential(20), () => this.#destroy(server, random)),
          () => this.#underWay.delete(server),
        )
    })
  }

  /** The server is being taken out: whoever adds it meanwhile would count the answers of what takes its place. */
  isReplacing(server: SimulatedServer<R>): boolean {
    return this.#underWay.has(server)
  }

  /** A server is being taken out. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** Replaces a server whose disk is damaged: tries until it is done. */
  replaceForCertain(server: SimulatedServer<R>, random: SeededRandom): void {
    if (server.retired || !server.disk.isDamaged) return
    this.replace(server, random)
    this.#after(1_000, () => this.replaceForCertain(server, random))
  }

  /** The server is no member: its disk may go. */
  #destroy(server: SimulatedServer<R>, random: SeededRandom): void {
    // It was given up: others may have added it since.
    if (!this.#underWay.delete(server) || server.retired) return
    const { trace, clock, checks } = this.#scene
    server.crash()
    const itself = !checks.ledger.hasVoted(server.id) && server.disk.damage === undefined
    trace.note(clock.now(), [108, server.number, itself ? 1 : 0], () => `${server.id} loses its disk`)
    if (itself) server.disk.wipe()
    else server.retired = true
    const next = itself ? server : this.#scene.addServer(server.address)
    this.#after(random.exponential(100), () => {
      next.start()
      this.#add(next, random)
    })
  }

  #add(server: SimulatedServer<R>, random: SeededRandom): void {
    const leader = this.#leader()
    if (leader === undefined) {
      this.#after(500, () => this.#add(server, random))
      return
    }
    const asVoter = random.chance(0.7)
    leader.process!.run(() =>
      leader.calls!.ask('add', (raft) =>
        asVoter ? raft.addVoter(server.id, server.address) : raft.addNonvoter(server.id, server.address),
      ),
    )
  }

  #leader(): SimulatedServer<R> | undefined {
    return this.#servers.find((server) => server.isLeading && server.process?.isRunning === true)
  }
}
