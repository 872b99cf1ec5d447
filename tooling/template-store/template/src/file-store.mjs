import { closeSync, fdatasyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { LogNotFoundError } from '@raft/core'

/**
 * A log store and a stable store in one journal: every write is one line, synced before the call returns. All of it is
 * kept in memory, and the file never shrinks: replace what you need, and keep the tests passing.
 */
export class FileStore {
  capabilities = { contract: 1, monotonic: false, atomicWrite: true }
  #entries = new Map()
  #values = new Map()
  #file

  constructor(path) {
    this.#file = openSync(path, 'a+', 0o600)
    const text = readFileSync(path, 'utf8')
    // A crash may have torn the last line: it was never acknowledged, so it is cut off.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
    for (const line of whole.split('\n').slice(0, -1)) this.#take(JSON.parse(line, revive))
  }

  firstIndex() {
    return this.#entries.size === 0 ? 0 : Math.min(...this.#entries.keys())
  }

  lastIndex() {
    return this.#entries.size === 0 ? 0 : Math.max(...this.#entries.keys())
  }

  getLog(index) {
    const log = this.#entries.get(index)
    if (log === undefined) throw new LogNotFoundError()
    return log
  }

  getLogs({ from, through, maxBytes }) {
    const logs = [this.getLog(from)]
    let bytes = sizeOf(logs[0])
    for (let index = from + 1; index <= through; index++) {
      const log = this.#entries.get(index)
      if (log === undefined) break
      bytes += sizeOf(log)
      if (bytes > maxBytes) break
      logs.push(log)
    }
    return logs
  }

  storeLog(log) {
    this.storeLogs([log])
  }

  storeLogs(logs) {
    this.#keep({ logs })
  }

  deleteRange(min, max) {
    this.#keep({ remove: [min, max] })
  }

  write({ set, deleteFrom, logs }) {
    this.#keep({ set, deleteFrom, logs })
  }

  set(key, value) {
    this.#keep({ set: [{ key, value }] })
  }

  get(key) {
    return this.#values.get(key)?.slice()
  }

  setUint64(key, value) {
    this.set(key, new TextEncoder().encode(String(value)))
  }

  getUint64(key) {
    const value = this.#values.get(key)
    return value === undefined ? 0 : Number(new TextDecoder().decode(value))
  }

  close() {
    closeSync(this.#file)
  }

  /** Durable first, visible after. */
  #keep(change) {
    const line = `${JSON.stringify(change, replace)}\n`
    const bytes = Buffer.from(line)
    // A full disk may take less than all, without an error.
    if (writeSync(this.#file, bytes) < bytes.length) throw new Error('the disk is full')
    fdatasyncSync(this.#file)
    this.#take(JSON.parse(line, revive))
  }

  #take({ set = [], remove, deleteFrom, logs = [] }) {
    for (const { key, value } of set) this.#values.set(key, value)
    for (const index of this.#entries.keys()) {
      const inRange = remove !== undefined && index >= remove[0] && index <= remove[1]
      if (inRange || (deleteFrom !== undefined && index >= deleteFrom)) this.#entries.delete(index)
    }
    for (const log of logs) this.#entries.set(log.index, log)
  }
}

function sizeOf({ data, extensions }) {
  return (data?.length ?? 0) + (extensions?.length ?? 0)
}

function replace(_key, value) {
  // A Buffer has made itself an array of numbers before it is asked about here.
  const bytes = value?.type === 'Buffer' ? value.data : value instanceof Uint8Array ? value : undefined
  return bytes === undefined ? value : { bytes: Buffer.from(bytes).toString('base64') }
}

function revive(_key, value) {
  if (typeof value?.bytes !== 'string') return value
  return new Uint8Array(Buffer.from(value.bytes, 'base64'))
}
