import { connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type AnyRPC, ConnectionError } from '@raft/core'
import { expect, test } from 'vitest'
import { NetworkTransport, TCPStreamLayer, TCPTransport } from '../src/index.ts'
import { closed, granted, listen, vote } from './fixture.ts'

test('two servers, both ways', async () => {
  const [a, b] = [await listen(), await listen()]
  expect(await a.requestVote({ id: 'b', address: b.localAddress }, vote())).toMatchObject({ granted: true })
  expect(await b.requestVote({ id: 'a', address: a.localAddress }, vote())).toMatchObject({ granted: true })
})

const noAddresses: [string, string | undefined, string][] = [
  ['0.0.0.0:0', undefined, 'local bind address is not advertisable'],
  [':0', undefined, 'local bind address is not advertisable'],
  ['127.0.0.1:0', '0.0.0.0:7000', 'local bind address is not advertisable'],
  ['127.0.0.1:0', '[::]:7000', 'local bind address is not advertisable'],
  ['127.0.0.1:0', 'nowhere', 'local address is not a TCP address'],
  ['nowhere', undefined, 'not an address of the form host:port: "nowhere"'],
  ['127.0.0.1:70000', undefined, 'not an address of the form host:port: "127.0.0.1:70000"'],
  ['host.invalid:0', undefined, 'cannot listen on host.invalid:0: there is no such host'],
]
for (const [bindAddress, advertise, message] of noAddresses) {
  test(`no server at ${bindAddress}${advertise === undefined ? '' : `, advertised as ${advertise}`}`, async () => {
    const listening = TCPTransport.listen({ bindAddress, advertise })
    await expect(listening).rejects.toThrow(ConnectionError)
    await expect(listening).rejects.toThrow(message)
  })
}

test('any address may be bound if another is advertised', async () => {
  const transport = await listen({ bindAddress: '0.0.0.0:0', advertise: '10.1.2.3:7000' })
  expect(transport.localAddress).toBe('10.1.2.3:7000')
  const named = await listen({ advertise: 'raft-0.example:7000' })
  expect(new TextDecoder().decode(named.encodePeer({ id: 'x', address: 'y:1' }))).toBe('y:1')
  expect(named.localAddress).toBe('raft-0.example:7000')
})

test('a port in use is one clear sentence', async () => {
  const first = await listen()
  const second = TCPTransport.listen({ bindAddress: first.localAddress })
  await expect(second).rejects.toThrow(`cannot listen on ${first.localAddress}: the port is in use`)
  await expect(second).rejects.toMatchObject({ code: 'ERR_RAFT_CONNECTION', cause: { code: 'EADDRINUSE' } })
})

test('options out of range leave no listener behind', async () => {
  const first = await listen()
  const { localAddress } = first
  await first.close()
  const wrong = TCPTransport.listen({ bindAddress: localAddress, maxPool: -1 })
  await expect(wrong).rejects.toThrow('maxPool must be at least 0, got -1')
  await listen({ bindAddress: localAddress })
})

test('a stream layer that was closed accepts and dials no more', async () => {
  const layer = await TCPStreamLayer.listen({ bindAddress: '127.0.0.1:0' })
  const waiting = expect(layer.accept()).rejects.toThrow('the listener is closed')
  layer.close()
  await waiting
  await expect(layer.accept()).rejects.toThrow('the listener is closed')
  await expect(layer.dial('127.0.0.1:1', 100)).rejects.toThrow('the stream layer is closed')
})

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
test.skipIf(!hasIPv6)('IPv6 addresses stand in brackets', async () => {
  const [a, b] = [await listen({ bindAddress: '[::1]:0' }), await listen({ bindAddress: '[::1]:0' })]
  expect(b.localAddress).toMatch(/^\[::1\]:\d+$/)
  expect(await a.requestVote({ id: 'b', address: b.localAddress }, vote())).toMatchObject({ granted: true })
})

test('nobody listens: the peer and the reason are named', async () => {
  const [a, b] = [await listen(), await listen()]
  const { localAddress } = b
  await b.close()
  await expect(a.requestVote({ id: 'b', address: localAddress }, vote())).rejects.toThrow(
    new RegExp(`^b at ${localAddress} could not be reached: .*ECONNREFUSED`),
  )
})

test('a peer that was restarted is reached again, on new connections', async () => {
  const [a, b] = [await listen(), await listen()]
  const peer = { id: 'b', address: b.localAddress }
  await a.requestVote(peer, vote())
  await b.close()
  await listen({ bindAddress: peer.address })
  expect(await a.requestVote(peer, vote())).toMatchObject({ granted: true })
})

test('whoever connects and speaks something else is cut off, and others are not', async () => {
  const [a, b] = [await listen(), await listen()]
  const socket = await connected(b)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  expect(await allOf(socket)).toBe('')
  expect(await a.requestVote({ id: 'b', address: b.localAddress }, vote())).toMatchObject({ granted: true })
})

test('a connection that says nothing is ended', async () => {
  const b = await listen({ receiveTimeout: 50 })
  expect(await allOf(await connected(b))).toBe('')
})

test('a peer that accepts and stays silent is a timeout, and closing does not wait for it', async () => {
  const silent = closed(createServer(() => undefined))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const a = await listen({ timeout: 60 })
  const call = a.requestVote({ id: 'b', address: `127.0.0.1:${port}` }, vote())
  await expect(call).rejects.toMatchObject({ code: 'ERR_RAFT_TIMEOUT' })
  const other = await listen()
  const waiting = expect(other.requestVote({ id: 'b', address: `127.0.0.1:${port}` }, vote())).rejects.toMatchObject({
    code: 'ERR_RAFT_TRANSPORT_SHUTDOWN',
  })
  setTimeout(() => void other.close(), 20)
  await waiting
})

test('bytes that are handed over are plain, not a Buffer whose slice is a view', async () => {
  const [a, b] = [await listen(), await listen()]
  const seen: AnyRPC[] = []
  b.setRPCHandler((rpc) => {
    seen.push(rpc)
    rpc.respond(undefined, new Error('enough'))
  })
  const entry = { index: 1, term: 1, type: 0 as const, data: Uint8Array.of(1, 2, 3) }
  const zeros = { prevLogEntry: 0, prevLogTerm: 0, leaderCommitIndex: 0 }
  const request = { header: vote().header, term: 1, leader: undefined, entries: [entry], ...zeros }
  await expect(a.appendEntries({ id: 'b', address: b.localAddress }, request)).rejects.toThrow('enough')
  const { command } = seen[0] as Extract<AnyRPC, { type: 'appendEntries' }>
  for (const bytes of [command.header.id, command.entries![0]!.data]) expect(bytes!.constructor).toBe(Uint8Array)
})

test('a stream layer carries a plain NetworkTransport too', async () => {
  const stream = await TCPStreamLayer.listen({ bindAddress: '127.0.0.1:0' })
  const plain = closed(new NetworkTransport({ stream }))
  plain.setRPCHandler((rpc) => {
    if (rpc.type === 'requestVote') rpc.respond(granted)
  })
  const a = await listen()
  expect(await a.requestVote({ id: 'p', address: plain.localAddress }, vote())).toMatchObject({ granted: true })
})

function connected(transport: TCPTransport): Promise<Socket> {
  const [host, port] = transport.localAddress.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => resolve(socket))
  })
}

async function allOf(socket: Socket): Promise<string> {
  let text = ''
  try {
    for await (const chunk of socket) text += String(chunk)
  } catch {
    // Reset is as good as ended.
  }
  return text
}
