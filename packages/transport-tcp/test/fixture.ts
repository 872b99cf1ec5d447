import type { AnyRPC, Logger, RequestVoteRequest, RequestVoteResponse } from '@raft/core'
import { afterEach } from 'vitest'
import { TCPTransport, type TCPTransportOptions } from '../src/index.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const closing: { close(): unknown }[] = []
afterEach(async () => {
  for (const it of closing.splice(0)) await it.close()
})

/** Closes it after the test. */
export function closed<T extends { close(): unknown }>(it: T): T {
  closing.push(it)
  return it
}

/** A transport on this machine that grants every vote, and is closed after the test. */
export async function listen(options: Partial<TCPTransportOptions> = {}): Promise<TCPTransport> {
  const transport = closed(await TCPTransport.listen({ bindAddress: '127.0.0.1:0', timeout: 2_000, ...options }))
  transport.setRPCHandler(grant)
  return transport
}

/** Grants a vote. */
export function grant(rpc: AnyRPC): void {
  if (rpc.type === 'requestVote') rpc.respond(granted)
}

export const granted: RequestVoteResponse = { header: { protocolVersion: 3 }, term: 1, granted: true }

/** A request for a vote of a server that calls itself `id`. */
export function vote(id = 'a', address = 'a:1'): RequestVoteRequest {
  const header = { protocolVersion: 3, id: utf8(id), address: utf8(address) }
  return { header, term: 1, candidate: header.address, lastLogIndex: 0, lastLogTerm: 0, leadershipTransfer: false }
}

/** A logger that keeps its warnings. */
export function warnings(): {
  readonly logger: Logger
  readonly lines: { facts: Record<string, unknown>; message: string }[]
} {
  const lines: { facts: Record<string, unknown>; message: string }[] = []
  const silent = (): void => undefined
  const warn = (facts: object, message: string): void =>
    void lines.push({ facts: facts as Record<string, unknown>, message })
  return { logger: { debug: silent, info: silent, warn, error: silent }, lines }
}
