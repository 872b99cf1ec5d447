import type { ChaosReport } from '../chaos/chaos.ts'

/** The report for people; its last line says how it ended. */
export function chaosText({ operations, faults, messages, breaches, violations, excused }: ChaosReport): string {
  const { done, rejected, unknown } = operations
  const { kills, pauses, cuts, transfers } = faults
  const ours = breaches.filter(({ kind }) => kind === 'ts')
  const theirs = breaches.filter(({ kind }) => kind === 'go')
  return [
    `operations   ${done} answered, ${unknown} of unknown outcome, ${rejected} refused`,
    `faults       ${kills} kills, ${pauses} pauses, ${cuts} cuts, ${transfers} transfers`,
    `on the wire  ${messages} messages, every one as we write it`,
    ...ours.map(({ rule, what }) => `BROKEN by ours: ${rule}: ${what}`),
    ...theirs.map(({ rule, what }) => `broken by Go: ${rule}: ${what}`),
    ...violations.map((violation) => `VIOLATION${excused ? ' (after a Go server broke a rule)' : ''}: ${violation}`),
    `${ours.length + (excused ? 0 : violations.length)} violations of ours, ${theirs.length} rules broken by Go`,
  ].join('\n')
}

/** Whether nothing is wrong, or nothing of ours. */
export function isFine({ breaches, violations, excused }: ChaosReport): boolean {
  return breaches.every(({ kind }) => kind === 'go') && (violations.length === 0 || excused)
}
