import { readFlags, UsageError } from './read.ts'

/** What the benchmark is asked for. */
export interface MainOptions {
  readonly mode: 'standard' | 'quick' | 'all' | 'check' | 'keep'
  readonly only: string
  readonly json: string | undefined
  readonly write: boolean
}

export const mainHelp = `Measures @raft/core, hashicorp/raft v1.7.3 and, as the ceiling, the same work with nothing of Raft in it.

  (nothing)      every row that has a goal, in several rounds; under fifteen minutes
  --quick        the same rows once; under two minutes
  --all          the rest: larger commands, more servers, failover, catching up, snapshots, restarts; takes its time
  --only TEXT    of --all: what has this in its name
  --check        compares ours ÷ ceiling with baseline.json, and fails if more than a third is lost; under two minutes
  --keep         measures what --check does, and writes baseline.json
  --json FILE    writes every figure
  --write        puts the table and the chart into the README
`

/** Reads the flags; nothing if help is asked for. Throws a `UsageError`. */
export function readMain(parameters: readonly string[]): MainOptions | undefined {
  const { help, only, json, write, ...modes } = readFlags(parameters, {
    quick: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  })
  if (help) return undefined
  const chosen = (['quick', 'all', 'check', 'keep'] as const).filter((mode) => modes[mode])
  if (chosen.length > 1) throw new UsageError(`--${chosen[0]} and --${chosen[1]} exclude each other`)
  const mode = chosen[0] ?? 'standard'
  if (only !== '' && mode !== 'all') throw new UsageError('--only chooses among --all')
  if (write && mode !== 'standard' && mode !== 'quick') throw new UsageError(`--${mode} has no table for the README`)
  return { mode, only, json, write }
}
