import { type Dump } from '../http/report-routes.ts'
import { type Ledger, type Write } from './ledger.ts'

/** What was compared, and everything that was wrong; nothing should be. */
export interface Verdict {
  readonly acknowledged: number
  /** Writes whose outcome the client does not know, and how many of them turned out to have happened. */
  readonly unknown: number
  readonly unknownApplied: number
  readonly complaints: readonly string[]
}

/**
 * Compares what clients were told with what nodes have: every acknowledged value is on every node, once, at the place in
 * the log that was named; nothing is there that nobody wrote; all nodes applied the same commands in the same order; and
 * a write that began after another was acknowledged comes after it.
 */
export function check(ledger: Ledger, dumps: readonly Dump[]): Verdict {
  const byKey = new Map(ledger.writes.map((write) => [write.key, write]))
  const acknowledged = ledger.acknowledged
  const complaints = dumps.flatMap((dump) => aboutNode(dump, byKey))
  complaints.push(...differences(dumps), ...reversals(ledger))
  const first = new Set(dumps[0]?.entries.map(([key]) => key))
  const unknown = ledger.writes.filter(({ end }) => end.outcome === 'unknown')
  return {
    acknowledged: acknowledged.length,
    unknown: unknown.length,
    unknownApplied: unknown.filter(({ key }) => first.has(key)).length,
    complaints,
  }
}

function aboutNode({ id, entries }: Dump, byKey: ReadonlyMap<string, Write>): string[] {
  const complaints: string[] = []
  const found = new Map(entries.map(([key, ...rest]) => [key, rest] as const))
  let last = 0
  for (const [key, , index, version] of entries) {
    if (index <= last) complaints.push(`${id}: ${key} at ${index} stands after ${last}`)
    last = index
    const write = byKey.get(key)
    if (write === undefined) complaints.push(`${id}: ${key} was never written`)
    else if (write.end.outcome === 'rejected') complaints.push(`${id}: ${key} was rejected and is there`)
    if (version !== 1) complaints.push(`${id}: ${key} was applied ${version} times`)
  }
  for (const { key, value, end } of byKey.values()) {
    if (end.outcome !== 'acknowledged') continue
    const [base64, index] = found.get(key) ?? []
    if (base64 === undefined) complaints.push(`${id}: ${key} is missing, and was acknowledged at ${end.index}`)
    else if (Buffer.from(base64, 'base64').toString() !== value) complaints.push(`${id}: ${key} has another value`)
    else if (index !== end.index) complaints.push(`${id}: ${key} is at ${index}, and was acknowledged at ${end.index}`)
  }
  return complaints
}

function differences([first, ...others]: readonly Dump[]): string[] {
  if (first === undefined) return ['no node was read']
  return others
    .filter(({ applied, digest }) => applied !== first.applied || digest !== first.digest)
    .map(({ id, applied }) => `${id} and ${first.id} did not apply the same commands (${applied} and ${first.applied})`)
}

/** Acknowledged writes whose places in the log contradict the order in time. */
function reversals(ledger: Ledger): string[] {
  const complaints: string[] = []
  const inOrder = [...ledger.acknowledged].sort((a, b) => b.end.index - a.end.index)
  // From the last place backwards: the earliest moment at which anything further on had been acknowledged.
  let later: Write | undefined
  for (const write of inOrder) {
    if (later !== undefined && write.started > later.ended) {
      complaints.push(`${write.key} began after ${later.key} was acknowledged, and stands before it`)
    }
    if (later === undefined || write.ended < later.ended) later = write
  }
  return complaints
}
