import type { Log } from '@raft/core'
import { PackedLogs } from './packed-logs.ts'

/**
 * The entries of a log by index, as runs without gaps. There is one run, except where a user restore left a gap behind,
 * so that appending, reading by index and dropping a prefix cost what they cost on an array.
 */
export class LogRuns {
  /** Ascending, never empty, never overlapping, never adjacent. */
  #runs: PackedLogs[] = []

  /** The first index held, 0 when empty. */
  get first(): number {
    return this.#runs[0]?.first ?? 0
  }

  /** The last index held, 0 when empty. */
  get last(): number {
    const run = this.#runs.at(-1)
    return run === undefined ? 0 : run.end - 1
  }

  /** The entry at the index, if it is held. */
  get(index: number): Log | undefined {
    // The newest run is what is asked for nearly always.
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i]!
      if (run.first <= index) return run.get(index)
    }
    return undefined
  }

  /** Takes an entry, in place of the one at its index if there is one. */
  put(log: Log): void {
    const run = this.#runs.at(-1)
    if (run !== undefined && log.index === run.end) run.push(log)
    else if (run !== undefined && log.index >= run.first && log.index < run.end) run.replace(log)
    else this.#insert(log)
  }

  /** Takes entries, each as `put` does. */
  putAll(logs: readonly Log[]): void {
    const run = this.#runs.at(-1)
    let at = 0
    // Nearly always they follow what is held.
    if (run !== undefined) for (; at < logs.length && logs[at]!.index === run.end; at++) run.push(logs[at]!)
    for (; at < logs.length; at++) this.put(logs[at]!)
  }

  /** Drops what is held from `min` through `max`. */
  delete(min: number, max: number): void {
    if (max < min || max < this.first || min > this.last) return
    const kept: PackedLogs[] = []
    for (const run of this.#runs) {
      if (max < run.first || min >= run.end) kept.push(run)
      else if (min > run.first) {
        const after = max < run.end - 1 ? copyFrom(run, max + 1) : undefined
        run.dropFrom(min)
        kept.push(run)
        if (after !== undefined) kept.push(after)
      } else if (max < run.end - 1) {
        run.dropBefore(max + 1)
        kept.push(run)
      }
    }
    this.#runs = kept
  }

  /** Takes an entry that neither extends nor lies within the newest run. */
  #insert(log: Log): void {
    const runs = this.#runs
    let at = runs.findIndex((run) => log.index < run.first)
    if (at === -1) at = runs.length
    const before = runs[at - 1]
    if (before !== undefined && log.index < before.end) return before.replace(log)
    const after = runs[at]
    let run = before
    if (run === undefined || log.index !== run.end) {
      run = new PackedLogs(log.index)
      runs.splice(at, 0, run)
      at += 1
    }
    run.push(log)
    if (after === undefined || after.first !== run.end) return
    for (let index = after.first; index < after.end; index++) run.push(after.get(index)!)
    runs.splice(at, 1)
  }
}

/** The entries of a run from the index on, as a run of their own. */
function copyFrom(run: PackedLogs, index: number): PackedLogs {
  const copy = new PackedLogs(index)
  for (let at = index; at < run.end; at++) copy.push(run.get(at)!)
  return copy
}
