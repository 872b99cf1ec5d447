import type { Inspection } from '@raft/core'
import type { SimulatedDisk } from '../world/simulated-disk.ts'

/** A server as the checks see it. */
export interface WatchedServer {
  readonly id: string
  readonly address: string
  /** Grows with every start. */
  readonly life: number
  readonly disk: SimulatedDisk
  /** The inside of the node that runs; undefined when none does. */
  readonly inspection: Inspection | undefined
  /** Its disk lost what it had promised to keep, as a fault: it is no witness any more. */
  readonly isDamaged: boolean
  /** Its node has read a record that is damaged. */
  refused?(record: string): void
}

/** Finds servers. */
export interface ServerDirectory {
  byID(id: string): WatchedServer | undefined
  byAddress(address: string): WatchedServer | undefined
}

/** The term of the entry at the index on the server's disk; a snapshot there counts with its last entry only. */
export function durableTerm({ disk }: WatchedServer, index: number): number | undefined {
  if (index === 0) return 0
  const snapshot = disk.durableSnapshots.find(({ meta }) => meta.index === index)
  return disk.durable.termAt(index) ?? snapshot?.meta.term
}

/** Whether the server's disk holds the entry, or a snapshot that includes it. */
export function holds(server: WatchedServer, index: number, term: number): boolean {
  if (durableTerm(server, index) === term) return true
  return (server.disk.durableSnapshots[0]?.meta.index ?? 0) >= index
}
