import { type HTTPClient, NoReply } from '@raft-tooling/demo/cluster/http-client'
import type {
  Applied,
  ConfigurationRow,
  ControlRequest,
  EntryRow,
  Failure,
  LogRow,
  MembershipChange,
  PeerStats,
  SnapshotRow,
  Summary,
  WireCommand,
} from './protocol.ts'

/** A server answered that it could not do what it was asked. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly failure: Failure

  constructor(path: string, failure: Failure) {
    super(`${path}: ${failure.code} ${failure.message}`)
    this.failure = failure
  }
}

/** Waits that are longer than any scenario may take. */
const long = 120_000

/** What a server for tests can be asked, whichever kind it is. */
export class ControlClient {
  readonly #http: HTTPClient
  readonly #address: string

  constructor(http: HTTPClient, address: string) {
    this.#http = http
    this.#address = address
  }

  /** Asks, and throws `ControlError` for a refusal, `NoReply` if no answer comes. */
  async ask<T>(path: string, request: ControlRequest = {}, timeout = 30_000): Promise<T> {
    const reply = await this.#http.ask({
      method: 'POST',
      http: this.#address,
      path,
      body: JSON.stringify(request),
      timeout,
    })
    const text = new TextDecoder().decode(reply.body)
    if (reply.status === 409) throw new ControlError(path, (JSON.parse(text) as { error: Failure }).error)
    if (reply.status !== 200) throw new NoReply(`${path}: ${reply.status} ${text}`, true)
    return JSON.parse(text) as T
  }

  stats(timeout = 2_000): Promise<PeerStats> {
    return this.ask('/stats', {}, timeout)
  }

  summary(): Promise<Summary> {
    return this.ask('/summary')
  }

  get(key: string): Promise<EntryRow | null> {
    return this.ask('/get', { key })
  }

  log(from: number, through: number): Promise<LogRow[]> {
    return this.ask('/log', { from, through })
  }

  inspect(folder: string): Promise<SnapshotRow[]> {
    return this.ask('/inspect', { folder })
  }

  /** Submits commands in order; each has its own answer. */
  apply(commands: readonly WireCommand[], timeout = 10_000): Promise<Applied[]> {
    return this.ask('/apply', { commands, timeout }, timeout + 20_000)
  }

  /** Puts one key and throws unless it was done. */
  async put(key: string, value: string): Promise<number> {
    const [applied] = await this.apply([{ op: 'put', key, value: Buffer.from(value).toString('base64') }])
    if (applied === undefined || !('done' in applied)) throw new Error(`put ${key}: ${JSON.stringify(applied)}`)
    return applied.index
  }

  fill(request: Pick<ControlRequest, 'count' | 'bytes' | 'prefix' | 'window'>): Promise<{ milliseconds: number }> {
    return this.ask('/fill', { ...request, timeout: long }, long)
  }

  barrier(): Promise<void> {
    return this.ask('/barrier')
  }

  verify(): Promise<void> {
    return this.ask('/verify')
  }

  configuration(): Promise<ConfigurationRow> {
    return this.ask('/configuration')
  }

  change(change: MembershipChange, id: string, address = '', more: ControlRequest = {}): Promise<{ index: number }> {
    return this.ask('/member', { change, id, address, ...more })
  }

  transfer(target?: { readonly id: string; readonly address: string }): Promise<void> {
    return this.ask('/transfer', target ?? {})
  }

  snapshot(): Promise<{ id: string; index: number; term: number; size: number }> {
    return this.ask('/snapshot', {}, long)
  }

  restore(folder: string): Promise<void> {
    return this.ask('/restore', { folder, timeout: long }, long)
  }

  stop(): Promise<void> {
    return this.ask('/stop')
  }
}
