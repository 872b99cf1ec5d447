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
import { key } from './schema.ts'
import type { Writer } from './writer.ts'

// Every message is a map of all its fields, sorted by name; the header's three fields stand among them (spec §1.6).
// A Go leader reuses the object that it decodes a response into, so a response that left one out would keep an old value.

const map = (fields: number): number => 0x80 + fields
const addr = key('Addr')
const candidate = key('Candidate')
const configuration = key('Configuration')
const configurationIndex = key('ConfigurationIndex')
const entriesKey = key('Entries')
const granted = key('Granted')
const id = key('ID')
const lastLog = key('LastLog')
const lastLogIndex = key('LastLogIndex')
const lastLogTerm = key('LastLogTerm')
const leader = key('Leader')
const leaderCommitIndex = key('LeaderCommitIndex')
const leadershipTransfer = key('LeadershipTransfer')
const noRetryBackoff = key('NoRetryBackoff')
const peers = key('Peers')
const prevLogEntry = key('PrevLogEntry')
const prevLogTerm = key('PrevLogTerm')
const protocolVersion = key('ProtocolVersion')
const sizeKey = key('Size')
const snapshotVersion = key('SnapshotVersion')
const success = key('Success')
const termKey = key('Term')

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
  writer.raw(entriesKey)
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

function bytes(writer: Writer, name: Uint8Array, value: Uint8Array | undefined): void {
  writer.raw(name)
  writer.bytesOrNil(value)
}

function unsigned(writer: Writer, name: Uint8Array, value: number): void {
  writer.raw(name)
  writer.unsigned(value)
}

function signed(writer: Writer, name: Uint8Array, value: number): void {
  writer.raw(name)
  writer.signed(value)
}

function boolean(writer: Writer, name: Uint8Array, value: boolean): void {
  writer.raw(name)
  writer.boolean(value)
}
