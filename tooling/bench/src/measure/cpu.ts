import { readFileSync } from 'node:fs'

/** Microseconds of one tick of /proc on Linux, whatever the machine. */
const TICK = 10_000

/** Microseconds of processor time that this process has had. */
export function ownCPU(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Microseconds of processor time that these processes have had together, or nothing where there is no /proc. */
export function cpuOf(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + ticksIn(readFileSync(`/proc/${pid}/stat`, 'latin1')) * TICK, 0)
  } catch {
    return undefined
  }
}

/** The ticks in a line of /proc/…/stat, in user and system mode. The name before them may hold blanks. */
export function ticksIn(line: string): number {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
