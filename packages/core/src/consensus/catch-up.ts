import type { Core } from './core.ts'
import type { Progress } from './progress.ts'

/** Begins a round of a staging server's catching up: it ends once the server has what is in the log now (thesis 4.2.1). */
export function beginCatchUp(core: Core, progress: Progress): void {
  const round = (progress.catchUp?.round ?? 0) + 1
  progress.catchUp = { round, target: core.log.lastIndex, startedAt: core.now, done: false }
}

/** Ends the round if its target is reached, and begins another unless it was short enough. */
export function advanceCatchUp(core: Core, progress: Progress): void {
  const { catchUp } = progress
  if (catchUp === undefined || catchUp.done || progress.match < catchUp.target) return
  if (core.now - catchUp.startedAt <= core.settings.electionTimeout) {
    catchUp.done = true
    core.note({ name: 'caught-up', peer: progress.peer, rounds: catchUp.round })
    return
  }
  beginCatchUp(core, progress)
  // Nothing was written meanwhile: the new round is over as it begins.
  advanceCatchUp(core, progress)
}

/**
 * Whether a server has caught up and is still there: with its vote the others might not be able to go on without it. One
 * that was away and missed something has another round to show that it keeps up.
 */
export function isCaughtUp(core: Core, progress: Progress): boolean {
  if (progress.catchUp?.done !== true) return false
  if (core.now - progress.contactAt <= core.settings.electionTimeout) return true
  if (progress.match < core.log.lastIndex) beginCatchUp(core, progress)
  return false
}
