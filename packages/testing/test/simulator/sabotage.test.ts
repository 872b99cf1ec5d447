import { ok } from 'node:assert/strict'
import type { FSM, Log } from '@raft/core'
import { describe, test } from 'vitest'
import { RegisterMachine, type RegisterOutput } from '../../src/machines/register-machine.ts'
import { type FaultPlan, noFaults } from '../../src/simulator/fault-plan.ts'
import { type ProfileName, profiles } from '../../src/simulator/profiles.ts'
import { registerWorkload } from '../../src/simulator/register-workload.ts'
import { Simulation } from '../../src/simulator/simulation.ts'
import { SeededRandom } from '../../src/world/random.ts'
import { Trace } from '../../src/world/trace.ts'

/** Something that is broken on purpose, and the rules of which at least one must be found not to hold. */
interface Sabotage {
  readonly what: string
  /** Default `mixed`. */
  readonly profile?: ProfileName
  readonly rules: readonly string[]
  readonly plan?: (plan: FaultPlan) => FaultPlan
  readonly machine?: () => FSM<RegisterOutput>
  readonly prepare?: (simulation: Simulation<RegisterOutput>) => void
}

const crashes = (plan: FaultPlan): FaultPlan => ({ ...plan, rates: { ...plan.rates, crash: 3, powerCut: 10 } })
const snapshots = (plan: FaultPlan): FaultPlan => ({ ...crashes(plan), rates: { ...crashes(plan).rates, snapshot: 2 } })

/** A machine whose `apply` is another one. */
function machine(apply: (machine: RegisterMachine, log: Log) => RegisterOutput): () => FSM<RegisterOutput> {
  return () => {
    const inner = new RegisterMachine()
    const { apply: right } = RegisterMachine.prototype
    inner.apply = (log) => {
      inner.apply = right
      const answer = apply(inner, log)
      inner.apply = wrapped
      return answer
    }
    const wrapped = inner.apply
    return inner
  }
}

const sabotages: readonly Sabotage[] = [
  {
    what: 'a disk that says that a write is durable half a second before it is',
    rules: ['S9', 'S2', 'S3', 'S10', 'S5'],
    plan: (plan) => ({ ...crashes(plan), diskKind: { ...plan.diskKind, liesFor: 500 } }),
  },
  {
    what: 'a network that turns every refused vote into a granted one',
    rules: ['S1', 'S6'],
    prepare: ({ network }) => {
      network.forge = (type, response) => (type === 'requestVote' ? { ...response, granted: true } : response)
    },
  },
  {
    what: 'a network that turns every refused append into a success',
    rules: ['S10', 'S5'],
    plan: crashes,
    prepare: ({ network }) => {
      network.forge = (type, response) => (type === 'appendEntries' ? { ...response, success: true } : response)
    },
  },
  {
    what: 'a store that does not notice that bits have flipped',
    profile: 'rot',
    rules: ['D4'],
    plan: (plan) => ({ ...plan, diskKind: { ...plan.diskKind, checksums: false } }),
  },
  {
    what: 'a network that refuses every vote once a majority is healed',
    profile: 'quorum',
    rules: ['L1'],
    prepare: ({ network, clock }) => {
      network.forge = (type, response) =>
        type === 'requestVote' && clock.now() > 15_000 ? { ...response, granted: false } : response
    },
  },
  {
    what: 'a follower that is told nothing once all is well',
    profile: 'small',
    rules: ['L3'],
    plan: (plan) => ({ ...plan, servers: 3, rates: noFaults }),
    prepare: ({ network, clock, servers }) => {
      const cut = (): void => {
        for (const { isLeading, address } of servers) {
          if (isLeading) continue
          for (const other of servers) network.links.cut(other.address, address)
          return
        }
      }
      clock.setTimer(cut, 20_500)
    },
  },
  {
    what: 'a cluster in which leadership is handed over without a reason',
    profile: 'calm',
    rules: ['L4'],
    prepare: ({ clock, servers }) => {
      const hand = (): void => {
        const leader = servers.find(({ isLeading }) => isLeading)
        leader?.process?.run(() => void leader.calls?.transfer(undefined).catch(() => {}))
        clock.setTimer(hand, 700)
      }
      clock.setTimer(hand, 21_000)
    },
  },
  {
    what: 'a state machine that throws dice',
    rules: ['S13'],
    machine: machine((inner, log) => {
      inner.apply(log)
      return String(Math.random())
    }),
  },
  {
    what: 'a state machine whose snapshot forgets what was written last',
    rules: ['S13', 'R1'],
    plan: snapshots,
    machine: () => {
      const inner = new RegisterMachine()
      const { restore } = inner
      inner.restore = async (source) => {
        await restore.call(inner, source)
        for (const key of ['k1', 'k2', 'k3']) inner.apply({ index: 0, term: 0, type: 0, data: write(key, '') })
      }
      return inner
    },
  },
  {
    what: 'a state machine that loses every hundredth write',
    rules: ['S13', 'R1'],
    machine: machine((inner, log) => (log.index % 100 === 0 ? '' : inner.apply(log))),
  },
]

describe('the checks notice', () => {
  for (const sabotage of sabotages) {
    test(sabotage.what, { timeout: 60_000 }, async () => {
      const found = new Set<string>()
      for (let seed = 1; seed <= 40; seed++) {
        const rule = await run(sabotage, seed)
        if (rule === undefined) continue
        found.add(rule)
        if (sabotage.rules.includes(rule)) return
      }
      ok(false, `in 40 seeds only ${[...found].join(' ') || 'nothing'} was noticed`)
    })
  }
})

async function run(
  { profile = 'mixed', plan: change, machine: make, prepare }: Sabotage,
  seed: number,
): Promise<string | undefined> {
  const rolled = profiles[profile].plan(new SeededRandom(seed, 'plan'))
  const plan = change?.(rolled) ?? rolled
  const workload = registerWorkload()
  const simulation = new Simulation<RegisterOutput>({
    seed,
    plan,
    workload: make === undefined ? workload : { ...workload, fsm: make },
    trace: new Trace(),
  })
  prepare?.(simulation)
  await simulation.run(20_000)
  return simulation.violations.first?.rule
}

function write(key: string, value: string): Uint8Array {
  return new TextEncoder().encode(`write\t${key}\t${value}`)
}
