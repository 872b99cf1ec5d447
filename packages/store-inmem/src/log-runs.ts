import type { Log } from '@raft/core'

/** Entries without a gap between them; never empty. */
interface Run {
  first: number
  readonly logs: Log[]
}

/**
 * The entries of a log by index, as runs without gaps. There is one run, except where a user restore left a gap behind,
 * so that appending, reading by index and dropping a prefix cost what they cost on an array.
 */
export class LogRuns {
  /** Ascending, never overlapping, never adjacent. */
  #runs: Run[] = []

  /** The first index held, 0 when empty. */
  get first(): number {
    return this.#runs[0]?.first ?? 0
  }

  /** The last index held, 0 when empty. */
  get last(): number {
    const run = this.#runs.at(-1)
    return run === undefined ? 0 : run.first + run.logs.length - 1
  }

  /** The entry at the index, if it is held. */
  get(index: number): Log | undefined {
    // The newest run is what is asked for nearly always.
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i]!
      if (run.first <= index) return run.logs[index - run.first]
    }
    return undefined
  }

  /** Takes an entry, in place of the one at its index if there is one. */
  put(log: Log): void {
    const run = this.#runs.at(-1)
    if (run !== undefined && log.index === run.first + run.logs.length) run.logs.push(log)
    else if (run !== undefined && log.index >= run.first && log.index < run.first + run.logs.length) {
      run.logs[log.index - run.first] = log
    } else this.#insert(log)
  }

  /** Takes entries, each as `put` does. */
  putAll(logs: readonly Log[]): void {
    const run = this.#runs.at(-1)
    let at = 0
    if (run !== undefined) {
      // Nearly always they follow what is held.
      let end = run.first + run.logs.length
      for (; at < logs.length && logs[at]!.index === end; at++, end++) run.logs.push(logs[at]!)
    }
    for (; at < logs.length; at++) this.put(logs[at]!)
  }

  /** Drops what is held from `min` through `max`. */
  delete(min: number, max: number): void {
    if (max < min || max < this.first || min > this.last) return
    const kept: Run[] = []
    for (const run of this.#runs) {
      const last = run.first + run.logs.length - 1
      if (max < run.first || min > last) {
        kept.push(run)
        continue
      }
      const after = max < last ? run.logs.slice(max + 1 - run.first) : []
      if (min > run.first) {
        run.logs.length = min - run.first
        kept.push(run)
      }
      if (after.length > 0) kept.push({ first: max + 1, logs: after })
    }
    this.#runs = kept
  }

  /** Takes an entry that neither extends nor lies within the newest run. */
  #insert(log: Log): void {
    const runs = this.#runs
    let at = runs.findIndex((run) => log.index < run.first)
    if (at === -1) at = runs.length
    const before = runs[at - 1]
    if (before !== undefined && log.index < before.first + before.logs.length) {
      before.logs[log.index - before.first] = log
      return
    }
    const after = runs[at]
    const joinsAfter = after !== undefined && after.first === log.index + 1
    if (before !== undefined && log.index === before.first + before.logs.length) {
      before.logs.push(log)
      if (!joinsAfter) return
      for (const next of after.logs) before.logs.push(next)
      runs.splice(at, 1)
    } else if (joinsAfter) {
      after.logs.unshift(log)
      after.first = log.index
    } else runs.splice(at, 0, { first: log.index, logs: [log] })
  }
}
