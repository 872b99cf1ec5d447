import { isIP } from 'node:net'
import { ConnectionError } from '@raft/core'

/** Where to listen or to connect. */
export interface TCPAddress {
  /** A name or an IP address, without brackets; empty is any. */
  readonly host: string
  readonly port: number
}

/** Reads `host:port`; an IPv6 address stands in brackets. Throws `ConnectionError`. */
export function parseAddress(address: string): TCPAddress {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(address)
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535)
    throw new ConnectionError(`not an address of the form host:port: ${JSON.stringify(address)}`)
  return { host: parts[1] ?? parts[2] ?? '', port }
}

/** The opposite of `parseAddress`. */
export function formatAddress({ host, port }: TCPAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether an address means any of this machine's, which nobody else can connect to. */
export function isUnspecified({ host }: TCPAddress): boolean {
  return host === '' || host === '0.0.0.0' || (isIP(host) === 6 && /^[0:]+$/.test(host))
}
