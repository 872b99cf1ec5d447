import { SeededRandom } from '../world/random.ts'
import type { FaultPlan, FaultRates } from './fault-plan.ts'
import { type ProfileName, profiles } from './profiles.ts'

/**
 * A profile, and what differs from it: `{ crash: 5 }` is `mixed` with a crash every five virtual seconds, and
 * `{ profile: 'calm', crash: 5 }` has crashes and nothing else.
 */
export interface FaultSettings extends Partial<FaultRates> {
  /** Decides what is not named here. Default `mixed`. */
  readonly profile?: ProfileName | undefined
}

/** The profile that the settings begin with. Throws a `TypeError` if there is no such profile, or rate. */
export function profileOf(faults: ProfileName | FaultSettings): ProfileName {
  const name = typeof faults === 'string' ? faults : (faults.profile ?? 'mixed')
  if (Object.hasOwn(profiles, name)) return name
  throw new TypeError(`there is no profile ${String(name)}; there are ${Object.keys(profiles).join(', ')}`)
}

/** The plan that a seed makes of the settings. Throws a `TypeError` for a rate that is none. */
export function planOf(seed: number, faults: ProfileName | FaultSettings): FaultPlan {
  const plan = profiles[profileOf(faults)].plan(new SeededRandom(seed, 'plan'))
  if (typeof faults === 'string') return plan
  const rates: Record<string, number> = { ...plan.rates }
  for (const [kind, rate] of Object.entries(faults)) {
    if (kind === 'profile' || rate === undefined) continue
    if (!(kind in rates)) throw new TypeError(`there is no fault ${kind}; there are ${Object.keys(rates).join(', ')}`)
    if (typeof rate !== 'number' || !(rate >= 0)) {
      throw new TypeError(
        `faults.${kind} is the mean number of seconds between two, or 0 for never; not ${String(rate)}`,
      )
    }
    rates[kind] = rate
  }
  const spares = rates['membership']! > 0 ? Math.max(plan.spares, 2) : plan.spares
  return { ...plan, spares, rates: rates as unknown as FaultRates }
}
