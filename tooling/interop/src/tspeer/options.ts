import { parseArgs } from 'node:util'
import { type Config, defaultConfig, type Server } from '@raft/core'

/** What the flags say; they are those of go/node/options.go. Durations are milliseconds. */
export interface PeerOptions {
  readonly raft: string
  readonly advertise: string
  readonly control: string
  readonly data: string | undefined
  readonly inmem: boolean
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | undefined
  readonly newTimeFormat: boolean
  readonly maxInFlight: number
  readonly retain: number
  readonly timeout: number
  readonly bootstrap: readonly Server[]
  readonly logLevel: string
  readonly stopWithParent: boolean
  readonly config: Config
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const names = {
  id: text,
  raft: text,
  advertise: text,
  control: text,
  data: text,
  store: text,
  'tls-cert': text,
  'tls-key': text,
  'tls-ca': text,
  'new-time-format': flag,
  'no-pre-vote': flag,
  'batch-apply': flag,
  'keep-on-remove': flag,
  'stop-with-parent': flag,
  protocol: text,
  'max-append': text,
  'max-in-flight': text,
  retain: text,
  bootstrap: text,
  'log-level': text,
  'snapshot-threshold': text,
  trailing: text,
  heartbeat: text,
  election: text,
  lease: text,
  commit: text,
  'snapshot-interval': text,
  timeout: text,
} as const

/** Reads the flags. */
export function readOptions(parameters: readonly string[]): PeerOptions {
  const { values } = parseArgs({ args: [...parameters], options: names })
  const number = (value: string | undefined, otherwise: number) => (value === undefined ? otherwise : Number(value))
  const standard = defaultConfig()
  const raft = values.raft ?? '127.0.0.1:0'
  const cert = values['tls-cert']
  return {
    raft,
    advertise: values.advertise ?? raft,
    control: values.control ?? '127.0.0.1:0',
    data: values.data,
    inmem: values.data === undefined || values.store === 'inmem',
    tls: cert === undefined ? undefined : { cert, key: values['tls-key'] ?? '', ca: values['tls-ca'] ?? '' },
    newTimeFormat: values['new-time-format'],
    maxInFlight: number(values['max-in-flight'], 0),
    retain: number(values.retain, 2),
    timeout: number(values.timeout, 10_000),
    bootstrap: servers(values.bootstrap),
    logLevel: values['log-level'] ?? 'info',
    stopWithParent: values['stop-with-parent'],
    config: {
      ...standard,
      localID: values.id ?? '',
      protocolVersion: number(values.protocol, 3),
      heartbeatTimeout: number(values.heartbeat, standard.heartbeatTimeout),
      electionTimeout: number(values.election, standard.electionTimeout),
      leaderLeaseTimeout: number(values.lease, standard.leaderLeaseTimeout),
      commitTimeout: number(values.commit, standard.commitTimeout),
      maxAppendEntries: number(values['max-append'], standard.maxAppendEntries),
      batchApplyCh: values['batch-apply'],
      snapshotInterval: number(values['snapshot-interval'], standard.snapshotInterval),
      snapshotThreshold: number(values['snapshot-threshold'], standard.snapshotThreshold),
      trailingLogs: number(values.trailing, standard.trailingLogs),
      shutdownOnRemove: !values['keep-on-remove'],
      preVoteDisabled: values['no-pre-vote'],
    },
  }
}

/** Reads id=address,…; the servers are voters, those whose ID begins with ~ non-voters. */
function servers(list: string | undefined): readonly Server[] {
  return (list ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      const [id, address] = [part.slice(0, at), part.slice(at + 1)]
      if (id.startsWith('~')) return { suffrage: 'Nonvoter', id: id.slice(1), address }
      return { suffrage: 'Voter', id, address }
    })
}
