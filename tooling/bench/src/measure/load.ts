import { setTimeout as sleep } from 'node:timers/promises'
import { cpuOf, ownCPU } from './cpu.ts'
import { Histogram } from './histogram.ts'
import type { Result, Task } from './task.ts'

/** What takes commands. */
export interface Subject {
  apply(command: Uint8Array): Promise<unknown>
  /** The processes that take part besides this one. */
  readonly others: readonly number[]
}

type Phase = 'warming' | 'measuring' | 'over'

/** Has the clients apply one command after another, and counts those that began and ended within the time. */
export async function load(subject: Subject, { clients, bytes, seconds, warmup }: Task): Promise<Result> {
  const histogram = new Histogram()
  let phase: Phase = 'warming'

  async function client(number: number): Promise<void> {
    let counts = false
    // One reading of the clock ends a command and begins the next, which is made in no time.
    let begun = performance.now()
    for (let sequence = 0; phase !== 'over'; sequence++) {
      await subject.apply(command(number, sequence, bytes))
      const ended = performance.now()
      const measuring = phase === 'measuring'
      if (counts && measuring) histogram.record(ended - begun)
      counts = measuring
      begun = ended
    }
  }

  const all = Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
  const failed = all.then(() => undefined)
  await Promise.race([sleep(warmup * 1_000), failed])
  const before = { own: ownCPU(), others: cpuOf(subject.others), at: performance.now() }
  phase = 'measuring'
  await Promise.race([sleep(seconds * 1_000), failed])
  phase = 'over'
  const elapsed = (performance.now() - before.at) / 1_000
  const own = ownCPU() - before.own
  const others = difference(cpuOf(subject.others), before.others)
  await all
  return {
    applies: histogram.count,
    seconds: elapsed,
    appliesPerSecond: histogram.count / elapsed,
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
    cpuLeader: own / histogram.count,
    cpuAll: others === undefined ? undefined : (own + others) / histogram.count,
  }
}

/** A command of its own each time, as a user's would be; its first 16 bytes say whose it is and which. */
function command(client: number, sequence: number, bytes: number): Uint8Array {
  const made = Buffer.allocUnsafe(bytes)
  made.writeUInt32BE(0, 0)
  made.writeUInt32BE(client, 4)
  made.writeUInt32BE(0, 8)
  made.writeUInt32BE(sequence, 12)
  return made
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before
}
