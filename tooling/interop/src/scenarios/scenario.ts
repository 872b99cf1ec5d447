import type { Cluster } from '../cluster/cluster.ts'
import type { Kind } from '../control/protocol.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import type { Program } from '../peers/programs.ts'

/** Which programs make up a cluster. */
export interface Pairing {
  readonly name: string
  readonly programs: readonly Program[]
}

const times = (program: Program, count: number): Program[] => Array.from({ length: count }, () => program)

/** So many servers of ours and so many of Go's. */
export function pairing(ts: number, go: number): Pairing {
  return { name: `${ts} TS + ${go} Go`, programs: [...times('ts', ts), ...times('go', go)] }
}

/** The clusters that every scenario is played in. */
export const pairings: readonly Pairing[] = [pairing(1, 2), pairing(2, 1), pairing(3, 2), pairing(2, 3)]

/** What a scenario is played on: a cluster that is well, led by a server of the kind that was asked for. */
export interface Stage {
  readonly cluster: Cluster
  readonly leader: PeerProcess
  /** Something that is different each time, for keys. */
  readonly mark: string
}

/** Something that a cluster can do. It leaves the cluster well. */
export interface Scenario {
  readonly name: string
  /** Whether it is played once under each kind of leader, under ours alone, or once whoever leads. */
  readonly leaders: 'each' | 'ts' | 'any'
  /** Whether it is part of the minute that `npm test` has for it. */
  readonly quick?: boolean
  play(stage: Stage): Promise<void>
}

/** Something that needs a cluster of its own. */
export interface SoloScenario {
  readonly name: string
  readonly variant: string
  readonly quick?: boolean
  play(folder: string): Promise<void>
}

/** The other kind. */
export function other(kind: Kind): Kind {
  return kind === 'ts' ? 'go' : 'ts'
}
