import type { GoVariant } from '../go/go.ts'
import { type ClusterTask, type Load, type OurOptions, type Side, settings, sides } from '../measure/task.ts'
import { integerOf, numberOf, readFlags, UsageError, wordOf } from './read.ts'

/** What to measure once. */
export interface One {
  readonly side: Side
  readonly task: Omit<ClusterTask, 'folder'>
  readonly load: Load
  readonly go: GoVariant
  readonly json: boolean
}

export const oneHelp = `Measures once.

  --setting S        memory: one process (default); tcp: three, in memory; durable: three, on disk
  --side S           ours (default), go, or ceiling: the same work with nothing of Raft in it
  --clients N        each with one command under way (64)
  --bytes N          of a command (128)
  --nodes N          servers (3)
  --seconds N        how long to measure (3)
  --warmup N         seconds before that (1)
  --config JSON      ours: what is set in the config beside its defaults
  --max-in-flight N  ours: maxRPCsInFlight of the transport
  --go-store S       wal (default) or bolt
  --go-defaults      Go as it comes; else with MaxAppendEntries 1024, BatchApplyCh, and an FSM that takes batches
  --json             prints the result as JSON
`

/** Reads the flags; nothing if help is asked for. Throws a `UsageError`. */
export function readOne(parameters: readonly string[]): One | undefined {
  const values = readFlags(parameters, {
    setting: { type: 'string', default: 'memory' },
    side: { type: 'string', default: 'ours' },
    clients: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '128' },
    nodes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '1' },
    config: { type: 'string', default: '{}' },
    'max-in-flight': { type: 'string' },
    'go-store': { type: 'string', default: 'wal' },
    'go-defaults': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  })
  if (values.help) return undefined
  const inFlight = values['max-in-flight']
  return {
    side: wordOf('side', values.side, sides),
    task: {
      setting: wordOf('setting', values.setting, settings),
      nodes: integerOf('nodes', values.nodes, 1),
      options: {
        config: configOf(values.config),
        maxRPCsInFlight: inFlight === undefined ? undefined : integerOf('max-in-flight', inFlight, 1),
      },
    },
    load: {
      clients: integerOf('clients', values.clients, 1),
      bytes: integerOf('bytes', values.bytes, 16),
      seconds: numberOf('seconds', values.seconds, 0.1),
      warmup: numberOf('warmup', values.warmup, 0),
    },
    go: { store: wordOf('go-store', values['go-store'], ['wal', 'bolt']), tuned: !values['go-defaults'] },
    json: values.json,
  }
}

function configOf(text: string): OurOptions['config'] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed as OurOptions['config']
  } catch {
    // Told below.
  }
  throw new UsageError(`--config is a JSON object, not '${text}'`)
}
