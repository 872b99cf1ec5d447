// Claims about errors.
import { complaintsAboutExport } from './exports.mjs'

/** How errors that carry something are made, and what they then carry. */
const carried = {
  'the known leader': { parameters: [{ id: 'a', address: 'a:1' }], fields: { leader: { id: 'a', address: 'a:1' } } },
  'index and term': { parameters: [{ index: 7, term: 3 }], fields: { index: 7, term: 3 } },
  'the index': { parameters: [7], fields: { index: 7 } },
}

/** The texts of Go (spec §8.1): those that travel have to be the same, and the others are. */
export const texts = {
  LeaderError: 'node is the leader',
  NotLeaderError: 'node is not the leader',
  NotVoterError: 'node is not a voter',
  LeadershipLostError: 'leadership lost while committing log',
  AbortedByRestoreError: 'snapshot restored while committing log',
  RaftShutdownError: 'raft is already shutdown',
  EnqueueTimeoutError: 'timed out enqueuing operation',
  NothingNewToSnapshotError: 'nothing new to snapshot',
  UnsupportedProtocolError: 'operation not supported with current protocol version',
  CantBootstrapError: 'bootstrap only works on new clusters',
  LeadershipTransferInProgressError: 'leadership transfer in progress',
  TransportShutdownError: 'transport shutdown',
  PipelineShutdownError: 'append pipeline closed',
  LogNotFoundError: 'log not found',
  PipelineReplicationNotSupportedError: 'pipeline replication not supported',
}

/** `{ name, code, outcome, carries }`. */
export function* complaintsAboutError(claim, module, checker) {
  const { name, code, outcome, carries } = claim
  yield* complaintsAboutExport({ name, as: 'class' }, module, checker)
  const { [name]: type, RaftError, isRaftError } = module.values
  if (typeof type !== 'function') return
  const { parameters, fields } = carries === undefined ? { parameters: [], fields: {} } : (carried[carries] ?? {})
  if (fields === undefined) return yield `nobody knows how to check that ${name} carries ${carries}`
  const error = new type(...parameters)
  if (!(error instanceof RaftError)) yield `${name} is no RaftError`
  if (error.code !== code || !isRaftError(error, code)) yield `${name} has the code ${error.code} and not ${code}`
  if (error.name !== name) yield `${name} is called ${error.name}`
  if (error.message !== texts[name]) yield `${name} says '${error.message}' and not '${texts[name]}'`
  if (outcome !== undefined && error.outcome !== outcome) yield `${name} has the outcome ${error.outcome}`
  for (const [key, value] of Object.entries(fields)) {
    const found = JSON.stringify(error[key])
    if (found !== JSON.stringify(value)) yield `${name} carries ${found} as ${key}`
  }
}
