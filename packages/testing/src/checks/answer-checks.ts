import type {
  AppendEntriesResponse,
  InstallSnapshotRequest,
  InstallSnapshotResponse,
  RPCName,
  RPCRequests,
  RPCResponses,
} from '@raft/core'
import type { Violations } from './violations.ts'
import type { WatchedServer } from './watched-server.ts'

/** How often one snapshot may be installed on a server, by answers that its leader has seen. */
const INSTALLS = 3

/** Refusals beyond one for each entry of the log: of requests that were under way together. */
const REFUSALS = 100

/** How a leader gets on with one server. */
interface Dealings {
  readonly term: number
  readonly lives: string
  snapshot: number
  installs: number
  refusals: number
}

/** Sees that a leader brings each server on, and does not do the same for ever (L8). */
export class AnswerChecks {
  readonly #violations: Violations
  readonly #dealings = new Map<string, Dealings>()

  constructor(violations: Violations) {
    this.#violations = violations
  }

  /** A server has answered its leader. */
  answered(
    leader: WatchedServer,
    peer: WatchedServer,
    answer: {
      readonly type: RPCName
      readonly command: RPCRequests[RPCName]
      readonly response: RPCResponses[RPCName]
    },
  ): void {
    const dealings = this.#with(leader, peer)
    if (answer.type === 'installSnapshot') {
      const { lastLogIndex } = answer.command as InstallSnapshotRequest
      const { success } = answer.response as InstallSnapshotResponse
      if (success) this.#installed(dealings, lastLogIndex, () => `${leader.id} has installed it on ${peer.id}`)
    } else if ((answer.response as AppendEntriesResponse).success) dealings.refusals = 0
    else this.#refused(dealings, leader, peer)
  }

  #installed(dealings: Dealings, snapshot: number, who: () => string): void {
    dealings.installs = dealings.snapshot === snapshot ? dealings.installs + 1 : 1
    dealings.snapshot = snapshot
    const text = (): string => `the snapshot at ${snapshot} is repeated: ${who()} ${dealings.installs} times`
    this.#violations.expect(dealings.installs <= INSTALLS, 'L8', text)
  }

  #refused(dealings: Dealings, leader: WatchedServer, peer: WatchedServer): void {
    dealings.refusals += 1
    const bound = (leader.inspection?.lastIndex ?? 0) + REFUSALS
    const text = (): string =>
      `${peer.id} has refused ${dealings.refusals} requests of ${leader.id} one after the other`
    this.#violations.expect(dealings.refusals <= bound, 'L8', text)
  }

  #with(leader: WatchedServer, peer: WatchedServer): Dealings {
    const key = `${leader.id} ${peer.id}`
    const term = leader.inspection?.term ?? 0
    const lives = `${leader.life} ${peer.life}`
    const known = this.#dealings.get(key)
    if (known?.term === term && known.lives === lives) return known
    const dealings = { term, lives, snapshot: 0, installs: 0, refusals: 0 }
    this.#dealings.set(key, dealings)
    return dealings
  }
}
