import type { Log } from '../../types/log.ts'
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  InstallSnapshotRequest,
  InstallSnapshotResponse,
  RequestPreVoteRequest,
  RequestPreVoteResponse,
  RequestVoteRequest,
  RequestVoteResponse,
  RPCHeader,
  RPCName,
  RPCRequests,
  RPCResponses,
} from '../../types/messages.ts'
import { readEntries } from './log.ts'
import type { Reader } from './reader.ts'
import {
  booleanField,
  bytesField,
  type Field,
  headerFields,
  identityField,
  integerField,
  readStructure,
  type Schema,
  schema,
  unsignedField,
  type Value,
} from './schema.ts'

type Bytes = Uint8Array | undefined

const term = unsignedField('Term')
const entriesField: Field = { name: 'Entries', zero: undefined, read: readEntries }

/** How the body of each request is read. */
export const readRequest: { readonly [K in RPCName]: (reader: Reader) => RPCRequests[K] } = {
  appendEntries: readAppendEntriesRequest,
  requestVote: readRequestVoteRequest,
  installSnapshot: readInstallSnapshotRequest,
  timeoutNow: (reader) => readHeaderOnly(reader, timeoutNowRequest),
  requestPreVote: readRequestPreVoteRequest,
}

/** How the body of each response is read. */
export const readResponse: { readonly [K in RPCName]: (reader: Reader) => RPCResponses[K] } = {
  appendEntries: readAppendEntriesResponse,
  requestVote: readRequestVoteResponse,
  installSnapshot: readInstallSnapshotResponse,
  timeoutNow: (reader) => readHeaderOnly(reader, timeoutNowResponse),
  requestPreVote: readRequestPreVoteResponse,
}

// Fields are listed in the order of declaration, which a structure written as an array follows. What is read comes in
// the order of the names.

const appendEntriesRequest = schema('AppendEntriesRequest', [
  ...headerFields,
  term,
  identityField('Leader'),
  unsignedField('PrevLogEntry'),
  unsignedField('PrevLogTerm'),
  entriesField,
  unsignedField('LeaderCommitIndex'),
])

function readAppendEntriesRequest(reader: Reader): AppendEntriesRequest {
  const values = readStructure(reader, appendEntriesRequest)
  return {
    header: header(values[7], values[2], values[0]),
    term: values[8] as number,
    leader: values[3] as Bytes,
    prevLogEntry: values[5] as number,
    prevLogTerm: values[6] as number,
    entries: values[1] as readonly Log[] | undefined,
    leaderCommitIndex: values[4] as number,
  }
}

const appendEntriesResponse = schema('AppendEntriesResponse', [
  ...headerFields,
  term,
  unsignedField('LastLog'),
  booleanField('Success'),
  booleanField('NoRetryBackoff'),
])

function readAppendEntriesResponse(reader: Reader): AppendEntriesResponse {
  const values = readStructure(reader, appendEntriesResponse)
  return {
    header: header(values[4], values[1], values[0]),
    term: values[6] as number,
    lastLog: values[2] as number,
    success: values[5] as boolean,
    noRetryBackoff: values[3] as boolean,
  }
}

const requestVoteRequest = schema('RequestVoteRequest', [
  ...headerFields,
  term,
  identityField('Candidate'),
  unsignedField('LastLogIndex'),
  unsignedField('LastLogTerm'),
  booleanField('LeadershipTransfer'),
])

function readRequestVoteRequest(reader: Reader): RequestVoteRequest {
  const values = readStructure(reader, requestVoteRequest)
  return {
    header: header(values[6], values[2], values[0]),
    term: values[7] as number,
    candidate: values[1] as Bytes,
    lastLogIndex: values[3] as number,
    lastLogTerm: values[4] as number,
    leadershipTransfer: values[5] as boolean,
  }
}

const requestVoteResponse = schema('RequestVoteResponse', [
  ...headerFields,
  term,
  bytesField('Peers'),
  booleanField('Granted'),
])

function readRequestVoteResponse(reader: Reader): RequestVoteResponse {
  const values = readStructure(reader, requestVoteResponse)
  return {
    header: header(values[4], values[2], values[0]),
    term: values[5] as number,
    peers: values[3] as Bytes,
    granted: values[1] as boolean,
  }
}

const requestPreVoteRequest = schema('RequestPreVoteRequest', [
  ...headerFields,
  term,
  unsignedField('LastLogIndex'),
  unsignedField('LastLogTerm'),
])

function readRequestPreVoteRequest(reader: Reader): RequestPreVoteRequest {
  const values = readStructure(reader, requestPreVoteRequest)
  return {
    header: header(values[4], values[1], values[0]),
    term: values[5] as number,
    lastLogIndex: values[2] as number,
    lastLogTerm: values[3] as number,
  }
}

const requestPreVoteResponse = schema('RequestPreVoteResponse', [...headerFields, term, booleanField('Granted')])

function readRequestPreVoteResponse(reader: Reader): RequestPreVoteResponse {
  const values = readStructure(reader, requestPreVoteResponse)
  return {
    header: header(values[3], values[2], values[0]),
    term: values[4] as number,
    granted: values[1] as boolean,
  }
}

const installSnapshotRequest = schema('InstallSnapshotRequest', [
  ...headerFields,
  integerField('SnapshotVersion'),
  term,
  identityField('Leader'),
  unsignedField('LastLogIndex'),
  unsignedField('LastLogTerm'),
  bytesField('Peers'),
  bytesField('Configuration'),
  unsignedField('ConfigurationIndex'),
  // Signed on the wire; a snapshot of fewer than no bytes is refused.
  { ...integerField('Size'), read: (reader) => reader.unsigned() },
])

function readInstallSnapshotRequest(reader: Reader): InstallSnapshotRequest {
  const values = readStructure(reader, installSnapshotRequest)
  return {
    header: header(values[8], values[3], values[0]),
    snapshotVersion: values[10] as number,
    term: values[11] as number,
    leader: values[6] as Bytes,
    lastLogIndex: values[4] as number,
    lastLogTerm: values[5] as number,
    peers: values[7] as Bytes,
    configuration: values[1] as Bytes,
    configurationIndex: values[2] as number,
    size: values[9] as number,
  }
}

const installSnapshotResponse = schema('InstallSnapshotResponse', [...headerFields, term, booleanField('Success')])

function readInstallSnapshotResponse(reader: Reader): InstallSnapshotResponse {
  const values = readStructure(reader, installSnapshotResponse)
  return {
    header: header(values[2], values[1], values[0]),
    term: values[4] as number,
    success: values[3] as boolean,
  }
}

const timeoutNowRequest = schema('TimeoutNowRequest', headerFields)
const timeoutNowResponse = schema('TimeoutNowResponse', headerFields)

function readHeaderOnly(reader: Reader, shape: Schema): { readonly header: RPCHeader } {
  const values = readStructure(reader, shape)
  return { header: header(values[2], values[1], values[0]) }
}

function header(protocolVersion: Value, id: Value, address: Value): RPCHeader {
  return { protocolVersion: protocolVersion as number, id: id as Bytes, address: address as Bytes }
}
