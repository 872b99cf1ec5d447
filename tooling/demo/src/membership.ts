// How the nodes find each other: the leader makes its HTTP address known, and a new node asks to be let in.
import { setTimeout as pause } from 'node:timers/promises'
import { type Logger } from '@raft/core'
import { HTTPClient } from './cluster/http-client.ts'
import { encodeCommand } from './command.ts'
import { type NodeOptions } from './node-options.ts'
import { type Replica } from './replica.ts'
import { type Store } from './store.ts'

/** Milliseconds before something that did not work is tried again. */
const retryAfter = 200

/** A node whose changes of leadership can be followed. */
export interface Leading extends Replica {
  leadershipChanges(): AsyncIterable<boolean>
}

/** Whenever this node begins to lead, writes down where it answers HTTP, unless that is known. Ends with the node. */
export async function announce(raft: Leading, { id, http, machine, wait }: Store): Promise<void> {
  const known = () => machine.state.members.get(id) === http
  for await (const leads of raft.leadershipChanges()) {
    if (!leads) continue
    while (raft.state === 'Leader') {
      try {
        // Only once everything before is applied can be known what is known.
        await raft.barrier(wait())
        if (!known()) await raft.apply(encodeCommand({ op: 'member', id, http }), wait())
        break
      } catch {
        // Writing it down twice does no harm. If it leads no more, the next leader writes down its own.
        await pause(retryAfter)
      }
    }
  }
}

/** Asks a member, and whomever that names, to add this node as a voter, until it is one. */
export async function joinCluster(
  { id, raft: address, join }: NodeOptions,
  { raft, logger, signal }: { raft: Replica; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const client = new HTTPClient()
  const isVoter = () =>
    raft.getConfiguration().configuration.servers.some((each) => each.id === id && each.suffrage === 'Voter')
  let http = join ?? ''
  // Asking again does no harm even if the outcome is unknown: a server that is a voter already stays one.
  while (!signal.aborted && !isVoter()) {
    try {
      const body = JSON.stringify({ id, address })
      const reply = await client.ask({ method: 'POST', http, path: '/admin/add-voter', body, timeout: 60_000 })
      if (reply.status === 307 && reply.location !== undefined) {
        http = new URL(reply.location).host
        continue
      }
      logger.info(
        { through: http, status: reply.status },
        reply.status === 200 ? 'joined the cluster' : 'not let in yet',
      )
      if (reply.status === 200) break
    } catch (error) {
      logger.warn({ through: http, error }, 'the cluster does not answer')
      http = join ?? ''
    }
    await pause(retryAfter, undefined, { signal }).catch(() => {})
  }
  client.close()
}
