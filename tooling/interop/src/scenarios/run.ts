// Plays everything there is, or what was chosen, and tells of each cell as it is known.
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { kindOf } from '../peers/programs.ts'
import type { Cell } from '../report/cell.ts'
import { describe, partsOf, play, startPairing } from './matrix.ts'
import type { Pairing } from './scenario.ts'
import { soloScenarios } from './solo.ts'

/** What to play. */
export interface Choice {
  readonly folder: string
  readonly quick: boolean
  /** Only scenarios whose name contains it. */
  readonly only: string
  readonly pairings: readonly Pairing[]
  readonly solo: boolean
}

export type Note = (column: string, cell: Cell) => void

/** The column of the scenarios that have clusters of their own. */
export const soloColumn = 'own cluster'

/** Plays what was chosen. */
export async function playAll(choice: Choice, note: Note): Promise<void> {
  for (const pairing of choice.pairings) await playPairing(pairing, choice, (cell) => note(pairing.name, cell))
  if (choice.solo) await playSolo(choice, (cell) => note(soloColumn, cell))
}

async function playPairing(pairing: Pairing, choice: Choice, note: (cell: Cell) => void): Promise<void> {
  const kinds = new Set(pairing.programs.map((program) => kindOf(program)))
  const parts = partsOf(choice.quick).filter(
    ({ name, kind }) => name.includes(choice.only) && (kind === undefined || kinds.has(kind)),
  )
  let cluster: Cluster | undefined
  try {
    for (const [place, part] of parts.entries()) {
      cluster ??= await startPairing(pairing, join(choice.folder, String(place)))
      const cell = await play(cluster, part)
      note(cell)
      if (cell.failure === undefined) continue
      // What it left is no state for others to begin from.
      await cluster.kill()
      cluster = undefined
    }
  } finally {
    await cluster?.kill()
  }
}

async function playSolo({ folder, quick, only }: Choice, note: (cell: Cell) => void): Promise<void> {
  for (const [place, scenario] of soloScenarios.entries()) {
    if ((quick && scenario.quick !== true) || !scenario.name.includes(only)) continue
    const begun = performance.now()
    const name = `${scenario.name} (${scenario.variant})`
    try {
      await scenario.play(join(folder, `solo-${place}`))
      note({ name, milliseconds: performance.now() - begun })
    } catch (error) {
      note({ name, milliseconds: performance.now() - begun, failure: describe(error) })
    }
  }
}
