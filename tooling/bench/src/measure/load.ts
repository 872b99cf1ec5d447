// Imported, since what is global here is looked up anew each time.
import { Buffer } from 'node:buffer'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuOf, ownCPU } from './cpu.ts'
import { Histogram } from './histogram.ts'
import type { Load, Result, Subject } from './task.ts'

/** Clients while all is warmed up, at least: with one it would take long until everything is compiled. */
const WARMING_CLIENTS = 64

type Phase = 'warming' | 'measuring' | 'over'
type Target = Pick<Subject, 'apply' | 'others'>

/** Has the clients apply one command after another, and counts those that were answered within the time. */
export async function load(subject: Target, { clients, bytes, seconds, warmup }: Load): Promise<Result> {
  const histogram = new Histogram()
  let phase: Phase = 'warming'

  async function client(number: number, until: (phase: Phase) => boolean): Promise<void> {
    // One reading of the clock ends a command and begins the next, which is made in no time.
    let begun = performance.now()
    for (let sequence = 0; !until(phase); sequence++) {
      await subject.apply(command(number, sequence, bytes))
      const ended = performance.now()
      if (phase === 'measuring' && number < clients) histogram.record(ended - begun)
      begun = ended
    }
  }

  const all = Promise.all(
    Array.from({ length: Math.max(clients, WARMING_CLIENTS) }, (_, number) =>
      client(number, number < clients ? (now) => now === 'over' : (now) => now !== 'warming'),
    ),
  )
  // A client that fails ends the measurement at once.
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
  return resultOf(histogram, elapsed, own, others)
}

function resultOf(histogram: Histogram, seconds: number, own: number, others: number | undefined): Result {
  const { count } = histogram
  return {
    applies: count,
    seconds,
    appliesPerSecond: count / seconds,
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
    cpuLeader: own / Math.max(1, count),
    cpuAll: others === undefined ? undefined : (own + others) / Math.max(1, count),
  }
}

/** A command of its own each time, as a user's would be; its first 16 bytes say whose it is and which. */
function command(client: number, sequence: number, bytes: number): Uint8Array {
  const made = Buffer.allocUnsafe(bytes)
  write(made, 0, client)
  write(made, 8, sequence)
  return made
}

/** Writes a number as eight bytes, the highest first. */
function write(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = bytes[at + 1] = bytes[at + 2] = bytes[at + 3] = 0
  bytes[at + 4] = value >>> 24
  bytes[at + 5] = value >>> 16
  bytes[at + 6] = value >>> 8
  bytes[at + 7] = value
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before
}
