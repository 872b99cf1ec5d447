import { diskRegressions } from './disks.ts'
import { leadershipRegressions } from './leadership.ts'
import { membershipRegressions } from './membership.ts'
import { readRegressions } from './reads.ts'
import type { Regression } from './regression.ts'
import { snapshotRegressions } from './snapshots.ts'

/** Bugs that Raft implementations had, each as a play that anybody can watch. */
export const regressions: readonly Regression[] = [
  ...leadershipRegressions,
  ...snapshotRegressions,
  ...diskRegressions,
  ...membershipRegressions,
  ...readRegressions,
]

/** The regression of a name. Throws a `TypeError` that names all of them if there is none. */
export function regressionNamed(name: string): Regression {
  const found = regressions.find((regression) => regression.name.toLowerCase() === name.replace(/^#/, '').toLowerCase())
  if (found !== undefined) return found
  throw new TypeError(`there is no regression ${name}; there are ${regressions.map((one) => one.name).join(', ')}`)
}
