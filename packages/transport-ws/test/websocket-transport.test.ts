import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AnyRPC, isRaftError, type RequestVoteRequest } from '@raft/core'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type WebSocketListenOptions, WebSocketTransport } from '../src/index.ts'

const request: RequestVoteRequest = {
  header: { protocolVersion: 3, id: Uint8Array.of(97), address: Uint8Array.of(98) },
  term: 7,
  candidate: Uint8Array.of(98),
  lastLogIndex: 5,
  lastLogTerm: 6,
  leadershipTransfer: false,
}

function grant(rpc: AnyRPC): void {
  if (rpc.type === 'requestVote') rpc.respond({ header: { protocolVersion: 3 }, term: 7, granted: true })
}

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function listen(options: Partial<WebSocketListenOptions> = {}): Promise<WebSocketTransport> {
  const transport = await WebSocketTransport.listen({ bindAddress: '127.0.0.1:0', timeout: 2_000, ...options })
  transport.setRPCHandler(grant)
  open.push(transport)
  return transport
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('it should have been rejected'),
    (error: unknown) => error as Error,
  )
}

describe('WebSocketTransport', () => {
  test('a server that cannot be dialled is reached over the connection that it dialled', async () => {
    const server = await listen()
    const hidden = WebSocketTransport.connect({ address: 'behind-nat', servers: [server.localAddress], timeout: 2_000 })
    open.push(hidden)
    hidden.setRPCHandler(grant)
    const toServer = await hidden.requestVote({ id: 's', address: server.localAddress }, request)
    const toHidden = await server.requestVote({ id: 'h', address: 'behind-nat' }, request)
    expect([toServer.granted, toHidden.granted]).toEqual([true, true])
  })

  test('a name that is not connected is no address', async () => {
    const server = await listen()
    const error = await errorOf(server.requestVote({ id: 'h', address: 'nowhere' }, request))
    expect(isRaftError(error, 'ERR_RAFT_CONNECTION')).toBe(true)
    expect(error.message).toContain('nowhere')
  })

  test('it comes back after the server was away', async () => {
    const first = await listen()
    const url = first.localAddress
    const hidden = WebSocketTransport.connect({ address: 'h', servers: [url], reconnectInterval: 20, timeout: 2_000 })
    open.push(hidden)
    hidden.setRPCHandler(grant)
    await hidden.requestVote({ id: 's', address: url }, request)
    await first.close()
    const second = await listen({ bindAddress: new URL(url).host })
    let granted = false
    for (let attempt = 0; attempt < 100 && !granted; attempt++) {
      granted = await second.requestVote({ id: 'h', address: 'h' }, request).then(
        () => true,
        () => new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20)),
      )
    }
    expect(granted).toBe(true)
  })

  test('shares an HTTP server with other things', async () => {
    const http = createServer((_, response) => response.end('hello'))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    open.push({ close: () => http.close() })
    const shared = await listen({
      bindAddress: undefined,
      server: http,
      path: '/cluster',
      advertise: `ws://127.0.0.1:${port}/cluster`,
    })
    const other = await listen()
    expect((await other.requestVote({ id: 's', address: shared.localAddress }, request)).granted).toBe(true)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')
  })

  test('refuses whom authenticate refuses, and says so in the log', async () => {
    const refusals: object[] = []
    const warn = (facts: object): void => void refusals.push(facts)
    const silent = (): void => undefined
    const logger = { debug: silent, info: silent, warn, error: silent }
    const authenticate = (incoming: { headers: { authorization?: string | undefined } }): unknown =>
      incoming.headers.authorization === 'secret'
    const server = await listen({ authenticate, logger })
    const stranger = await listen()
    const friend = await listen({ dialOptions: { headers: { authorization: 'secret' } } })
    const peer = { id: 's', address: server.localAddress }
    const error = await errorOf(stranger.requestVote(peer, request))
    expect(error.message).toContain('401')
    expect(refusals).toMatchObject([{ reason: 'authentication failed' }])
    expect((await friend.requestVote(peer, request)).granted).toBe(true)
  })

  test('verifyPeer binds what was authenticated to the ID in every request', async () => {
    const server = await listen({
      authenticate: () => 'a',
      verifyPeer: ({ authentication }, { id }) => authentication === undefined || authentication === id,
    })
    const other = await listen()
    const peer = { id: 's', address: server.localAddress }
    expect((await other.requestVote(peer, request)).granted).toBe(true)
    const forged = { ...request, header: { ...request.header, id: Uint8Array.of(122) } }
    expect(isRaftError(await errorOf(other.requestVote(peer, forged)))).toBe(true)
  })

  test('no web page may connect unless its origin is allowed', async () => {
    const closed = await listen()
    const openToPage = await listen({ verifyOrigin: (origin) => origin === 'https://good.example' })
    const attempt = (url: string, origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, ['raft.v1'], { origin })
        socket.on('open', () => resolve('open'))
        socket.on('error', (error) => resolve(error.message))
        open.push({ close: () => socket.terminate() })
      })
    expect(await attempt(closed.localAddress, 'https://good.example')).toContain('403')
    expect(await attempt(openToPage.localAddress, 'https://evil.example')).toContain('403')
    expect(await attempt(openToPage.localAddress, 'https://good.example')).toBe('open')
  })

  test('a message above maxPayload ends that connection and nothing else', async () => {
    const server = await listen({ maxPayload: 70_000 })
    const hostile = new WebSocket(server.localAddress, ['raft.v1'])
    const closed = new Promise<number>((resolve) => hostile.on('close', resolve))
    hostile.on('error', () => undefined)
    hostile.on('open', () => hostile.send(new Uint8Array(80_000)))
    expect(await closed).toBe(1009)
    const other = await listen()
    expect((await other.requestVote({ id: 's', address: server.localAddress }, request)).granted).toBe(true)
  })

  const mistakes: readonly { readonly why: string; readonly options: WebSocketListenOptions; readonly text: string }[] =
    [
      { why: 'nothing to listen on', options: {}, text: 'needs a bindAddress or a server' },
      {
        why: 'an address that is none',
        options: { bindAddress: 'somewhere' },
        text: "bind address 'somewhere' is not host:port",
      },
      { why: 'an address that nobody can dial', options: { bindAddress: '0.0.0.0:0' }, text: 'not advertisable' },
      {
        why: 'frames that would not fit',
        options: { bindAddress: '127.0.0.1:0', maxPayload: 100 },
        text: 'maxPayload must be at least',
      },
    ]
  for (const { why, options, text } of mistakes) {
    test(`refuses ${why} with a clear error`, async () => {
      expect((await errorOf(WebSocketTransport.listen(options))).message).toContain(text)
    })
  }

  test('names the address that is in use', async () => {
    const first = await listen()
    const { host } = new URL(first.localAddress)
    const error = await errorOf(WebSocketTransport.listen({ bindAddress: host }))
    expect(error.message).toBe(`cannot listen on ${host}: it is in use by another process`)
  })
})
