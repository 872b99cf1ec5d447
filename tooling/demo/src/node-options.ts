import { parseArgs } from 'node:util'
import { splitAddress } from './cluster/http-client.ts'

/** What one node is told when it is started. Durations are milliseconds. */
export interface NodeOptions {
  readonly id: string
  readonly raft: string
  readonly http: string
  readonly data: string
  readonly bootstrap: readonly { readonly id: string; readonly address: string }[]
  readonly join: string | undefined
  readonly heartbeat: number
  readonly trailingLogs: number
  readonly snapshotThreshold: number
  readonly snapshotInterval: number
  readonly stopWithParent: boolean
}

/** What `--help` says. */
export const nodeHelp = `One node of the replicated key-value store.

  --id NAME                its permanent name; never given to another disk
  --raft HOST:PORT         where the other nodes reach it
  --http HOST:PORT         where clients reach it; there is no authentication, so keep it on this machine
  --data FOLDER            its log, vote and snapshots
  --bootstrap ID=HOST:PORT,…   the first members of a new cluster, the same for each; ignored once there is a log
  --join HOST:PORT         the HTTP address of any member, which is asked to let this node in
  --heartbeat MS           silence after which a node campaigns, and how long it waits for votes (500)
  --trailing-logs N        entries kept behind a snapshot (128)
  --snapshot-threshold N   entries that make a snapshot due (8192)
  --snapshot-interval MS   how often to look whether one is due (10000)
  --stop-with-parent       stops when standard input ends

Each can also be given as a variable: RAFT_DEMO_ID, RAFT_DEMO_RAFT, …
`

const names = {
  id: { type: 'string' },
  raft: { type: 'string' },
  http: { type: 'string' },
  data: { type: 'string' },
  bootstrap: { type: 'string' },
  join: { type: 'string' },
  heartbeat: { type: 'string', default: '500' },
  'trailing-logs': { type: 'string', default: '128' },
  'snapshot-threshold': { type: 'string', default: '8192' },
  'snapshot-interval': { type: 'string', default: '10000' },
  'stop-with-parent': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Reads parameters and variables. Throws with one sentence; undefined is a wish for help. */
export function readNodeOptions(
  parameters: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): NodeOptions | undefined {
  const { values } = parseArgs({ args: [...parameters], options: names })
  if (values.help) return undefined
  const given = (name: keyof typeof names) => {
    const variable = variables[`RAFT_DEMO_${name.toUpperCase().replaceAll('-', '_')}`]
    const spoken = parameters.some((each) => each === `--${name}` || each.startsWith(`--${name}=`))
    return spoken ? values[name] : (variable ?? values[name])
  }
  const text = (name: 'id' | 'data') => required(name, given(name))
  const number = (name: 'heartbeat' | 'trailing-logs' | 'snapshot-threshold' | 'snapshot-interval') => {
    const value = Number(given(name))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Error(`--${name} is a whole number, not ${String(given(name))}.`)
    return value
  }
  const join = given('join')
  return {
    id: text('id'),
    raft: address('raft', given('raft')),
    http: address('http', given('http')),
    data: text('data'),
    bootstrap: servers(given('bootstrap')),
    join: join === undefined ? undefined : address('join', join),
    heartbeat: number('heartbeat'),
    trailingLogs: number('trailing-logs'),
    snapshotThreshold: number('snapshot-threshold'),
    snapshotInterval: number('snapshot-interval'),
    stopWithParent: given('stop-with-parent') === true || given('stop-with-parent') === 'true',
  }
}

function required(name: string, value: string | boolean | undefined): string {
  if (typeof value !== 'string' || value === '') throw new Error(`--${name} is missing; --help tells what it is.`)
  return value
}

function address(name: string, value: string | boolean | undefined): string {
  const text = required(name, value)
  const [host, port] = splitAddress(text)
  if (host !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return text
  throw new Error(`--${name} is HOST:PORT, not ${text}.`)
}

function servers(value: string | boolean | undefined): NodeOptions['bootstrap'] {
  if (typeof value !== 'string' || value === '') return []
  return value.split(',').map((each) => {
    const at = each.indexOf('=')
    if (at < 1) throw new Error(`--bootstrap is ID=HOST:PORT,…, not ${value}.`)
    return { id: each.slice(0, at), address: address('bootstrap', each.slice(at + 1)) }
  })
}
