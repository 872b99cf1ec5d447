import type { GoVariant } from '../go/go.ts'
import type { Setting, Side } from '../measure/task.ts'

/** Somebody who is measured. */
export interface Contender {
  readonly name: string
  readonly side: Side
  readonly go?: GoVariant
}

export const ours: Contender = { name: 'ours', side: 'ours' }
export const ceiling: Contender = { name: 'ceiling', side: 'ceiling' }

/** The original with one of its stores, in the ways in which it is set up. */
export interface Rival {
  readonly name: string
  readonly contenders: readonly Contender[]
}

function rival(name: string, store: GoVariant['store']): Rival {
  return {
    name,
    contenders: [
      { name: `${name}, tuned`, side: 'go', go: { store, tuned: true } },
      { name: `${name}, defaults`, side: 'go', go: { store, tuned: false } },
    ],
  }
}

const inMemory = rival('Go', 'wal')
const wal = rival('Go, raft-wal', 'wal')
const bolt = rival('Go, raft-boltdb', 'bolt')

/** With whom we are compared in a setting. Without a disk its stores are all the same one. */
export function rivalsIn(setting: Setting): readonly Rival[] {
  return setting === 'durable' ? [wal, bolt] : [inMemory]
}
