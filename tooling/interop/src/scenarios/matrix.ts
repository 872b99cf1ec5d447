// Plays every scenario in every pairing, in one cluster a pairing.
import { join } from 'node:path'
import { Cluster, durable, timing } from '../cluster/cluster.ts'
import type { Kind } from '../control/protocol.ts'
import type { Cell } from '../report/cell.ts'
import { diskScenarios } from './disk.ts'
import { entryScenarios, lastScenarios } from './entries.ts'
import { memberScenarios } from './members.ts'
import { officeScenarios } from './office.ts'
import type { Pairing, Scenario } from './scenario.ts'

const all: readonly Scenario[] = [
  ...officeScenarios,
  ...entryScenarios,
  ...memberScenarios,
  ...diskScenarios,
  ...lastScenarios,
]

/** One thing to play: a scenario, under a kind of leader if that matters. */
export interface Part {
  readonly name: string
  readonly scenario: Scenario
  readonly kind: Kind | undefined
}

/** Everything that is played, in order. */
export function partsOf(quick: boolean): Part[] {
  return all
    .filter((scenario) => !quick || scenario.quick === true)
    .flatMap((scenario): Part[] => {
      if (scenario.leaders === 'any') return [{ name: scenario.name, scenario, kind: undefined }]
      const kinds: readonly Kind[] = scenario.leaders === 'ts' ? ['ts'] : ['ts', 'go']
      return kinds.map((kind) => ({ name: `${scenario.name}, ${kind === 'ts' ? 'TS' : 'Go'} leading`, scenario, kind }))
    })
}

/** The cluster that one pairing is played in. */
export async function startPairing({ programs, name }: Pairing, folder: string): Promise<Cluster> {
  return Cluster.start({
    folder: join(folder, name.replaceAll(/\W+/g, '-')),
    programs,
    flags: [...timing, ...durable, '--trailing=100', '--snapshot-threshold=100000'],
  })
}

let marks = 0

/** Plays one part. Resolves with a sentence about what went wrong, or nothing. */
export async function play(cluster: Cluster, { scenario, kind, name }: Part): Promise<Cell> {
  const begun = performance.now()
  try {
    await cluster.startAll()
    const leader = kind === undefined ? await cluster.leader() : await cluster.lead(kind)
    await scenario.play({ cluster, leader, mark: `m${++marks}` })
    return { name, milliseconds: performance.now() - begun }
  } catch (error) {
    return { name, milliseconds: performance.now() - begun, failure: describe(error) }
  }
}

/** An error as the table and the log show it. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
