import { type Log, LogType, type RPCHeader, type RPCRequests, type RPCResponses } from '@raft/core'

const text = new TextEncoder()

/** A header as node `first` sends it. */
export const header: RPCHeader = {
  protocolVersion: 3,
  id: text.encode('first'),
  address: text.encode('127.0.0.1:7001'),
}

/** The header of an answer. */
export const answerHeader: RPCHeader = {
  protocolVersion: 3,
  id: text.encode('second'),
  address: text.encode('127.0.0.1:7002'),
}

/** An entry that has every field. */
export function entry(index: number, data: Uint8Array = text.encode(`command ${index}`)): Log {
  return {
    index,
    term: 7,
    type: LogType.Command,
    data,
    extensions: text.encode('x'),
    appendedAt: { seconds: 1_700_000_000 + index, nanoseconds: 123_456_789 },
  }
}

/** One request of each kind. */
export const requests: RPCRequests = {
  appendEntries: {
    header,
    term: 7,
    leader: header.address,
    prevLogEntry: 100,
    prevLogTerm: 6,
    // Nothing, empty bytes, and bytes: three things that every transport keeps apart.
    entries: [
      { index: 101, term: 7, type: LogType.Noop },
      { index: 102, term: 7, type: LogType.Command, data: new Uint8Array(0), extensions: new Uint8Array(0) },
      entry(103),
    ],
    leaderCommitIndex: 99,
  },
  requestVote: {
    header,
    term: 20,
    candidate: header.address,
    lastLogIndex: 100,
    lastLogTerm: 19,
    leadershipTransfer: true,
  },
  requestPreVote: { header, term: 21, lastLogIndex: 2 ** 53 - 1, lastLogTerm: 19 },
  installSnapshot: {
    header,
    snapshotVersion: 1,
    term: 10,
    leader: header.address,
    lastLogIndex: 100,
    lastLogTerm: 9,
    peers: text.encode('peers'),
    configuration: text.encode('configuration'),
    configurationIndex: 80,
    size: 10,
  },
  timeoutNow: { header },
}

/** One answer of each kind. */
export const responses: RPCResponses = {
  appendEntries: { header: answerHeader, term: 7, lastLog: 103, success: true, noRetryBackoff: false },
  requestVote: { header: answerHeader, term: 20, granted: true },
  requestPreVote: { header: answerHeader, term: 21, granted: false },
  installSnapshot: { header: answerHeader, term: 10, success: true },
  timeoutNow: { header: answerHeader },
}

/** A heartbeat. */
export const heartbeat: RPCRequests['appendEntries'] = {
  header,
  term: 7,
  leader: header.address,
  prevLogEntry: 0,
  prevLogTerm: 0,
  leaderCommitIndex: 0,
}
