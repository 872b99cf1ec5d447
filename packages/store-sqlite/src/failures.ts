import { CorruptError, isRaftError, type RaftError, StoreError } from '@raft/core'
import { type Failure } from './protocol.ts'

/** What to do about a damaged store; part of every message that reports one. */
const advice =
  'Do not delete parts of it. Replace the disk if it is failing, remove this server from the cluster, ' +
  'and add it again under a new ID with an empty store'

/** The error for stored bytes that are damaged. */
export function damaged(path: string, what: string, options?: ErrorOptions): CorruptError {
  return new CorruptError(`${path} is damaged: ${what}. ${advice}`, options)
}

/** Turns what SQLite or the system threw into an error that names the file and what was tried. */
export function describe(error: unknown, path: string, action: string): RaftError {
  if (isRaftError(error)) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause ? String(cause.code) : ''
  const options = { cause }
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_')) return damaged(path, cause.message, options)
  if (code === 'SQLITE_NOTADB') return new StoreError(`${path} is not a raft store`, options)
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') {
    return new StoreError(`${path} is open already, in this process or another`, options)
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return new StoreError(`cannot ${action} ${path}: the disk is full`, options)
  return new StoreError(`cannot ${action} ${path}: ${cause.message}`, options)
}

/** Packs an error for the way to the main thread. */
export function packFailure(error: RaftError): Failure {
  const { cause } = error
  return {
    kind: error.code === 'ERR_RAFT_CORRUPT' ? 'corrupt' : 'store',
    message: error.message,
    cause:
      cause instanceof Error ? { code: 'code' in cause ? String(cause.code) : '', message: cause.message } : undefined,
  }
}

/** The error that `packFailure` packed. */
export function unpackFailure({ kind, message, cause }: Failure): RaftError {
  const options = cause === undefined ? {} : { cause: Object.assign(new Error(cause.message), { code: cause.code }) }
  return kind === 'corrupt' ? new CorruptError(message, options) : new StoreError(message, options)
}
