import type { Raft } from '@raft/core'
import type { SeededRandom } from '../world/random.ts'
import type { Scene, SimulatedServer } from './simulated-server.ts'

/** All servers, and those that may be added, demoted or removed. */
interface Candidates<R> {
  readonly servers: readonly SimulatedServer<R>[]
  readonly changeable: readonly SimulatedServer<R>[]
}

/** Asks a leader, if there is one, for a change of the membership by chance. */
export function changeMembership<R>(
  { servers, changeable }: Candidates<R>,
  scene: Scene<R>,
  random: SeededRandom,
): void {
  const leader = servers.find((server) => server.isLeading && server.process?.isRunning === true)
  const raft = leader?.raft
  if (leader === undefined || raft === undefined || changeable.length === 0) return
  const { configuration } = raft.getConfiguration()
  const server = random.pick(changeable)
  const member = configuration.servers.find(({ id }) => id === server.id)
  const voters = configuration.servers.filter(({ suffrage }) => suffrage === 'Voter')
  const leaving = random.chance(0.5)
  const { clock, trace } = scene
  const note = (what: string): void =>
    trace.note(clock.now(), [105, server.number, what.length], () => `${leader.id} is asked to ${what} ${server.id}`)
  const ask = (what: string, change: (raft: Raft<R>) => Promise<unknown>): void => {
    note(what)
    leader.process!.run(() => leader.calls?.ask(what, change))
  }
  if (member === undefined) {
    ask('add', (asked) =>
      leaving ? asked.addNonvoter(server.id, server.address) : asked.addVoter(server.id, server.address),
    )
  } else if (member.suffrage !== 'Voter') {
    if (leaving) ask('remove', (asked) => asked.removeServer(server.id))
    else ask('add', (asked) => asked.addVoter(server.id, server.address))
  } else if (voters.length > 2) {
    if (leaving) ask('demote', (asked) => asked.demoteVoter(server.id))
    else ask('remove', (asked) => asked.removeServer(server.id))
  }
}

/** Calls that change who has a vote. */
const changes = ['add', 'demote', 'remove']

/** Whether such a change was asked of a node that lives, and has not ended: it may begin at any time. */
export function isMembershipChanging<R>(servers: readonly SimulatedServer<R>[]): boolean {
  return servers.some(({ calls }) => changes.some((what) => (calls?.open.count(what) ?? 0) > 0))
}
