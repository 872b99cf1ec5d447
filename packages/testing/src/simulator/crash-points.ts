import type { WriteStep } from '../world/simulated-disk.ts'

/** Where a process can be killed: at a step of a write, or between two promises of whatever it does next. */
export type CrashPoint = WriteStep | 'promise'

/** All of them. */
export const crashPoints: readonly CrashPoint[] = ['begun', 'durable', 'told', 'promise', 'promise', 'promise']

/** Calls back after so many promises have run what waited for them. */
export function afterPromises(count: number, fn: () => void): void {
  if (count === 0) fn()
  else queueMicrotask(() => afterPromises(count - 1, fn))
}
