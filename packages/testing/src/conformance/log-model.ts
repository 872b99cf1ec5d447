import { type Log, type LogStore } from '@raft/core'
import { type ConformanceCase } from './case.ts'
import { entry, holds, sameEntries } from './entries.ts'
import { isMonotonic, type LogStoreSubject } from './log-store-subject.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const STEPS = 40

/** Numbers from 0 to `below - 1`, the same for the same seed: mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A log as a map: what the store is compared with. */
class LogModel {
  readonly entries = new Map<number, Log>()

  get sorted(): Log[] {
    return [...this.entries.values()].toSorted((left, right) => left.index - right.index)
  }

  get first(): number {
    return this.sorted[0]?.index ?? 0
  }

  get last(): number {
    return this.sorted.at(-1)?.index ?? 0
  }

  store(logs: readonly Log[]): void {
    for (const log of logs) this.entries.set(log.index, log)
  }

  delete(min: number, max: number): void {
    for (const index of [...this.entries.keys()]) if (index >= min && index <= max) this.entries.delete(index)
  }

  /** The entries from an index to the next gap. */
  from(index: number): Log[] {
    const found: Log[] = []
    for (let log = this.entries.get(index); log !== undefined; log = this.entries.get(log.index + 1)) found.push(log)
    return found
  }
}

/** One step on both; `draw` decides which. */
async function step(store: LogStore, model: LogModel, draw: (below: number) => number, term: number): Promise<void> {
  const { first, last } = model
  const batch = (from: number): Log[] =>
    Array.from({ length: 1 + draw(6) }, (_, at) => entry(from + at, term, draw(40)))
  const choice = draw(8)
  if (choice < 3 || last === 0) {
    const logs = batch(last + 1)
    await store.storeLogs(logs)
    model.store(logs)
  } else if (choice === 3) {
    const logs = batch(first + draw(last - first + 1))
    await store.storeLogs(logs)
    model.store(logs)
  } else if (choice === 4) {
    const from = first + draw(last - first + 2)
    await store.deleteRange(from, last)
    model.delete(from, last)
  } else {
    const through = first + draw(last - first + 1)
    await store.deleteRange(0, through)
    model.delete(0, through)
  }
}

/** Steps that make gaps too. */
async function gapStep(store: LogStore, model: LogModel, draw: (below: number) => number, term: number): Promise<void> {
  if (draw(3) > 0) {
    await step(store, model, draw, term)
    return
  }
  const from = 1 + draw(model.last + 5)
  if (draw(2) === 0) {
    const through = from + draw(6)
    await store.deleteRange(from, through)
    model.delete(from, through)
  } else {
    const logs = [entry(from, term), entry(from + 1 + draw(3), term)]
    await store.storeLogs(logs)
    model.store(logs)
  }
}

async function compare(subject: LogStoreSubject, take: typeof step, seed: number): Promise<void> {
  const draw = generator(seed)
  const model = new LogModel()
  for (let at = 1; at <= STEPS; at++) {
    await take(subject.store, model, draw, at)
    if (subject.canReopen && draw(20) === 0) await subject.reopen()
    const message = `step ${at}`
    await holds(subject.store, model.sorted, message)
    if (model.first === 0) continue
    const range = { from: model.first, through: Number.MAX_SAFE_INTEGER, maxBytes: Infinity }
    sameEntries(await subject.store.getLogs(range), model.from(model.first), message)
  }
}

/** Many steps, drawn by chance, compared with a map after each; a case for each seed, which the name says. */
export const logModelCases: readonly ConformanceCase<LogStoreSubject>[] = SEEDS.flatMap((seed) => [
  {
    name: `behaves like a map of entries, whatever is appended, replaced and cut off (seed ${seed})`,
    run: (it: LogStoreSubject) => compare(it, step, seed),
  },
  {
    name: `behaves like a map of entries, whatever gaps are made and filled (seed ${seed})`,
    exempt: isMonotonic,
    run: (it: LogStoreSubject) => compare(it, gapStep, seed),
  },
])
