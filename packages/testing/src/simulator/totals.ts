import type { SimulationReport } from './simulate.ts'

/** What many runs came to. */
export interface Totals {
  runs: number
  /** Virtual milliseconds. */
  duration: number
  /** Those with three servers or more, and ten client operations or more for each virtual second. */
  counted: number
  events: number
  operations: number
  readonly faults: Record<string, number>
  readonly failed: number[]
}

const LEAST_SERVERS = 3
const LEAST_OPERATIONS = 10

/** Adds a run. */
export function addReport(totals: Totals, report: SimulationReport): void {
  const { answered, rejected, unknown } = report.operations
  const operations = answered + rejected + unknown
  totals.runs += 1
  totals.duration += report.duration
  totals.events += report.events
  totals.operations += operations
  const busy = operations >= (report.duration / 1_000) * LEAST_OPERATIONS
  if (report.servers >= LEAST_SERVERS && busy) totals.counted += report.duration
  const network = { lost: report.messages.lost, repeated: report.messages.repeated }
  for (const [kind, count] of Object.entries({ ...report.faults, ...network })) {
    totals.faults[kind] = (totals.faults[kind] ?? 0) + count
  }
  if (report.violations.length > 0) totals.failed.push(report.seed)
}

/** The totals in words. `minutes` are those of a processor. */
export function summaryOf(totals: Totals, minutes: number): string {
  const hours = totals.counted / 3_600_000
  return [
    `${totals.runs} seeds, ${(totals.duration / 3_600_000).toFixed(2)} simulated cluster-hours in ${minutes.toFixed(2)} CPU-minutes`,
    `${(hours / minutes).toFixed(2)} simulated cluster-hours per CPU-minute (of ${LEAST_SERVERS} servers and ` +
      `${LEAST_OPERATIONS} operations a second or more), ${Math.round(totals.events / minutes / 60)} events a second`,
    `${totals.operations} client operations, faults: ${JSON.stringify(totals.faults)}`,
    totals.failed.length === 0 ? 'no violations' : `VIOLATIONS in seeds ${totals.failed.join(', ')}`,
  ].join('\n')
}
