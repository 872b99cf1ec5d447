import { type Configuration, type RaftState } from '@raft/core'
import { type Restored } from '../key-value-machine.ts'
import { type Entry } from '../key-value-state.ts'
import { type Store } from '../store.ts'
import { type Answer, page } from './exchange.ts'

/** What `/status` tells of one node. */
export interface Status {
  readonly id: string
  readonly pid: number
  readonly state: RaftState
  readonly term: number
  readonly leader: { readonly id: string; readonly address: string; readonly http?: string } | null
  readonly lastIndex: number
  readonly commitIndex: number
  readonly appliedIndex: number
  /** What its disk held when it was started, and what it holds now. */
  readonly onDisk: { readonly first: number; readonly last: number }
  readonly log: { readonly first: number; readonly last: number }
  readonly snapshot: { readonly id: string; readonly index: number; readonly size: number } | null
  readonly configuration: Configuration & { readonly index: number }
  readonly store: {
    readonly keys: number
    readonly applied: number
    readonly digest: string
    readonly restored: Restored
  }
  readonly stats: object
}

/** What `/dump` tells: everything that a node has applied, in order, with how it got there. Values are base64. */
export interface Dump {
  readonly id: string
  readonly applied: number
  readonly digest: string
  readonly appliedIndex: number
  readonly entries: readonly (readonly [key: string, value: string, index: number, version: number])[]
}

/** `GET /status`. */
export async function status({ id, replica, machine, logs, onDisk, snapshots }: Store): Promise<Answer> {
  const [first, last, [newest]] = await Promise.all([logs.firstIndex(), logs.lastIndex(), snapshots.list()])
  const { configuration, index } = replica.getConfiguration()
  const { state } = machine
  const report: Status = {
    id,
    pid: process.pid,
    state: replica.state,
    term: replica.currentTerm,
    leader: leaderOf(replica.leader, state.members),
    lastIndex: replica.lastIndex,
    commitIndex: replica.commitIndex,
    appliedIndex: replica.appliedIndex,
    onDisk,
    log: { first, last },
    snapshot: newest === undefined ? null : { id: newest.id, index: newest.index, size: newest.size },
    configuration: { ...configuration, index },
    store: {
      keys: state.entries.size,
      applied: state.applied,
      digest: hex(state.digest),
      restored: machine.restored,
    },
    stats: replica.stats(),
  }
  return page(report)
}

/** `GET /dump`, what this node has, sent piece by piece. */
export function dump({ id, machine, replica }: Store): Answer {
  const { applied, digest, entries } = machine.state
  const head = { id, applied, digest: hex(digest), appliedIndex: replica.appliedIndex }
  // Copied in this turn, so that it is one point in time however long the client takes to read it.
  return { status: 200, headers: { 'content-type': 'application/json' }, body: pieces(head, [...entries]) }
}

function* pieces(head: object, entries: readonly (readonly [string, Entry])[]): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"entries":[`
  for (let at = 0; at < entries.length; at += 1_000) {
    const rows = entries
      .slice(at, at + 1_000)
      .map(([key, entry]) => [key, Buffer.from(entry.value).toString('base64'), entry.index, entry.version])
    yield (at === 0 ? '' : ',') + JSON.stringify(rows).slice(1, -1)
  }
  yield ']}\n'
}

function leaderOf(leader: { id: string; address: string } | undefined, members: ReadonlyMap<string, string>) {
  if (leader === undefined) return null
  const http = members.get(leader.id)
  return { ...leader, ...(http !== undefined && { http }) }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
