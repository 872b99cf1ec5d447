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
import type { EntriesWriter } from './entries-writer.ts'
import { type Literal, literal } from './literal.ts'
import { key } from './schema.ts'
import type { Writer } from './writer.ts'

// Every message is a map of all its fields, sorted by name; the header's three fields stand among them (spec §1.6).
// A Go leader reuses the object that it decodes a response into, so a response that left one out would keep an old value.

const map = (fields: number): number => 0x80 + fields
const name = (field: string): Literal => literal(key(field))
const addr = name('Addr')
const candidate = name('Candidate')
const configuration = name('Configuration')
const configurationIndex = name('ConfigurationIndex')
const entriesKey = name('Entries')
const granted = name('Granted')
const id = name('ID')
const lastLog = name('LastLog')
const lastLogIndex = name('LastLogIndex')
const lastLogTerm = name('LastLogTerm')
const leader = name('Leader')
const leaderCommitIndex = name('LeaderCommitIndex')
const leadershipTransfer = name('LeadershipTransfer')
const noRetryBackoff = name('NoRetryBackoff')
const peers = name('Peers')
const prevLogEntry = name('PrevLogEntry')
const prevLogTerm = name('PrevLogTerm')
const protocolVersion = name('ProtocolVersion')
const sizeKey = name('Size')
const snapshotVersion = name('SnapshotVersion')
const success = name('Success')
const termKey = name('Term')

/** Writes the body of a request. */
export type WriteRequest<K extends RPCName> = (
  writer: Writer,
  request: RPCRequests[K],
  entriesWriter: EntriesWriter,
) => void

/** How the body of each request is written. */
export const writeRequest: { readonly [K in RPCName]: WriteRequest<K> } = {
  appendEntries: writeAppendEntriesRequest,
  requestVote: writeRequestVoteRequest,
  installSnapshot: writeInstallSnapshotRequest,
  timeoutNow: (writer, { header }) => writeHeader(writer, header),
  requestPreVote: writeRequestPreVoteRequest,
}

/** How the body of each response is written. */
export const writeResponse: { readonly [K in RPCName]: (writer: Writer, response: RPCResponses[K]) => void } = {
  appendEntries: writeAppendEntriesResponse,
  requestVote: writeRequestVoteResponse,
  installSnapshot: writeInstallSnapshotResponse,
  timeoutNow: (writer, { header }) => writeHeader(writer, header),
  requestPreVote: writeRequestPreVoteResponse,
}

function writeAppendEntriesRequest(writer: Writer, request: AppendEntriesRequest, entriesWriter: EntriesWriter): void {
  const { header, entries } = request
  writer.byte(map(9))
  bytes(writer, addr, header.address)
  writer.literal(entriesKey)
  if (entries === undefined) {
    writer.nil()
  } else entriesWriter.write(writer, entries)
  bytes(writer, id, header.id)
  bytes(writer, leader, request.leader)
  unsigned(writer, leaderCommitIndex, request.leaderCommitIndex)
  unsigned(writer, prevLogEntry, request.prevLogEntry)
  unsigned(writer, prevLogTerm, request.prevLogTerm)
  signed(writer, protocolVersion, header.protocolVersion)
  unsigned(writer, termKey, request.term)
}

function writeAppendEntriesResponse(writer: Writer, response: AppendEntriesResponse): void {
  const { header } = response
  writer.byte(map(7))
  bytes(writer, addr, header.address)
  bytes(writer, id, header.id)
  unsigned(writer, lastLog, response.lastLog)
  boolean(writer, noRetryBackoff, response.noRetryBackoff)
  signed(writer, protocolVersion, header.protocolVersion)
  boolean(writer, success, response.success)
  unsigned(writer, termKey, response.term)
}

function writeRequestVoteRequest(writer: Writer, request: RequestVoteRequest): void {
  const { header } = request
  writer.byte(map(8))
  bytes(writer, addr, header.address)
  bytes(writer, candidate, request.candidate)
  bytes(writer, id, header.id)
  unsigned(writer, lastLogIndex, request.lastLogIndex)
  unsigned(writer, lastLogTerm, request.lastLogTerm)
  boolean(writer, leadershipTransfer, request.leadershipTransfer)
  signed(writer, protocolVersion, header.protocolVersion)
  unsigned(writer, termKey, request.term)
}

function writeRequestVoteResponse(writer: Writer, response: RequestVoteResponse): void {
  const { header } = response
  writer.byte(map(6))
  bytes(writer, addr, header.address)
  boolean(writer, granted, response.granted)
  bytes(writer, id, header.id)
  bytes(writer, peers, response.peers)
  signed(writer, protocolVersion, header.protocolVersion)
  unsigned(writer, termKey, response.term)
}

function writeRequestPreVoteRequest(writer: Writer, request: RequestPreVoteRequest): void {
  const { header } = request
  writer.byte(map(6))
  bytes(writer, addr, header.address)
  bytes(writer, id, header.id)
  unsigned(writer, lastLogIndex, request.lastLogIndex)
  unsigned(writer, lastLogTerm, request.lastLogTerm)
  signed(writer, protocolVersion, header.protocolVersion)
  unsigned(writer, termKey, request.term)
}

function writeRequestPreVoteResponse(writer: Writer, response: RequestPreVoteResponse): void {
  const { header } = response
  writer.byte(map(5))
  bytes(writer, addr, header.address)
  boolean(writer, granted, response.granted)
  bytes(writer, id, header.id)
  signed(writer, protocolVersion, header.protocolVersion)
  unsigned(writer, termKey, response.term)
}

function writeInstallSnapshotRequest(writer: Writer, request: InstallSnapshotRequest): void {
  const { header } = request
  writer.byte(map(12))
  bytes(writer, addr, header.address)
  bytes(writer, configuration, request.configuration)
  unsigned(writer, configurationIndex, request.configurationIndex)
  bytes(writer, id, header.id)
  unsigned(writer, lastLogIndex, request.lastLogIndex)
  unsigned(writer, lastLogTerm, request.lastLogTerm)
  bytes(writer, leader, request.leader)
  bytes(writer, peers, request.peers)
  signed(writer, protocolVersion, header.protocolVersion)
  signed(writer, sizeKey, request.size)
  signed(writer, snapshotVersion, request.snapshotVersion)
  unsigned(writer, termKey, request.term)
}

function writeInstallSnapshotResponse(writer: Writer, response: InstallSnapshotResponse): void {
  const { header } = response
  writer.byte(map(5))
  bytes(writer, addr, header.address)
  bytes(writer, id, header.id)
  signed(writer, protocolVersion, header.protocolVersion)
  boolean(writer, success, response.success)
  unsigned(writer, termKey, response.term)
}

/** A TimeoutNow is its header alone, both ways. */
function writeHeader(writer: Writer, header: RPCHeader): void {
  writer.byte(map(3))
  bytes(writer, addr, header.address)
  bytes(writer, id, header.id)
  signed(writer, protocolVersion, header.protocolVersion)
}

function bytes(writer: Writer, field: Literal, value: Uint8Array | undefined): void {
  writer.literal(field)
  writer.bytesOrNil(value)
}

function unsigned(writer: Writer, field: Literal, value: number): void {
  writer.literal(field)
  writer.unsigned(value)
}

function signed(writer: Writer, field: Literal, value: number): void {
  writer.literal(field)
  writer.signed(value)
}

function boolean(writer: Writer, field: Literal, value: boolean): void {
  writer.literal(field)
  writer.boolean(value)
}
