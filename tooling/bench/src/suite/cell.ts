import type { Setting } from '../measure/task.ts'
import { ceiling, type Contender, ours, rivalsIn } from './contender.ts'

/** What all contenders are measured at, one right after the other. */
export interface Cell {
  readonly setting: Setting
  readonly clients: number
  readonly bytes: number
  readonly nodes: number
}

/** All that are measured in a setting: the original first, then we, then the rest. */
export function contendersOf(setting: Setting, { go = true, defaults = true } = {}): readonly Contender[] {
  const rivals = go ? rivalsIn(setting).flatMap(({ contenders }) => contenders) : []
  const chosen = rivals.filter((contender) => defaults || contender.go?.tuned === true)
  return [...chosen.slice(0, 1), ours, ceiling, ...chosen.slice(1)]
}
