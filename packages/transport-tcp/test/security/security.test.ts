import { createServer, connect, type Socket } from 'node:net'
import { connect as connectTLS } from 'node:tls'
import { ConnectionError } from '@raft/core'
import { expect, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { closed, listen, vote, warnings } from '../fixture.ts'

const authority = new Authority()
const hosts = ['127.0.0.1']
const member = (name: string) => ({ ...authority.issue({ name, hosts }), ca: authority.cert })

/** Connects to a server without speaking its language. */
function dial(address: string): Socket {
  const [host, port] = address.split(':')
  return connect(Number(port), host).on('error', () => undefined)
}

const ended = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.resume().once('close', resolve))

test('a length of 4 GiB ends the connection at its header; memory stays, and others are served', async () => {
  const log = warnings()
  const server = await listen({ logger: log.logger })
  const before = process.memoryUsage().arrayBuffers
  // RequestVote, then in place of its map: a map, an array, raw bytes and an extension of 2^32 - 1.
  for (const marker of [0xdf, 0xdd, 0xdb, 0xc9]) {
    const socket = dial(server.localAddress)
    const end = ended(socket)
    socket.write(Buffer.of(1, marker, 0xff, 0xff, 0xff, 0xff, 1))
    await end
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1_048_576)
  expect(log.lines.length).toBeGreaterThan(0)
  const other = await listen()
  expect(await other.requestVote({ id: 'b', address: server.localAddress }, vote())).toMatchObject({ granted: true })
})

test('TLS 1.1 is refused', async () => {
  const server = await listen({ tls: member('b') })
  const [host, port] = server.localAddress.split(':')
  const options = { host, port: Number(port), ...member('a'), minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const
  const refused = new Promise<Error>((resolve) => {
    const socket = connectTLS({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' })
    socket.once('error', resolve).once('secureConnect', () => resolve(new Error('it was accepted')))
  })
  expect((await refused).message).toMatch(/protocol version|unsupported protocol|no protocols|disconnected/i)
})

test('a client without a certificate is refused', async () => {
  const log = warnings()
  const server = await listen({ tls: member('b'), logger: log.logger })
  const [host, port] = server.localAddress.split(':')
  const socket = connectTLS({ host, port: Number(port), ca: authority.cert }).on('error', () => undefined)
  await ended(socket)
  await expect.poll(() => log.lines).toMatchObject([{ message: 'a TLS handshake failed' }])
})

test('a certificate that signed itself is refused', async () => {
  const self = new Authority('b').issue({ name: 'b', hosts })
  const server = await listen({ tls: { ...self, ca: authority.cert } })
  const client = await listen({ tls: member('a') })
  const asked = client.requestVote({ id: 'b', address: server.localAddress }, vote())
  await expect(asked).rejects.toThrow(ConnectionError)
})

test('no line of a log is broken up or coloured by what a peer calls itself', async () => {
  const log = warnings()
  const server = await listen({ tls: { ...member('b'), verifyPeer: () => false }, logger: log.logger })
  const client = await listen({ tls: member('a') })
  const evil = 'a\n{"level":"info","message":"all is well"}\u001b[2J'
  await expect(client.requestVote({ id: 'b', address: server.localAddress }, vote(evil))).rejects.toThrow()
  await expect.poll(() => log.lines.length).toBe(1)
  // A message is fixed text; what a peer says is a fact, which loggers write as JSON.
  for (const { message, facts } of log.lines) {
    expect(message).not.toMatch(/[\n\u001b]/)
    expect(JSON.stringify(facts)).not.toMatch(/[\n\u001b]/)
  }
})

test('a payload is in no error and in no line of a log, and no key is', async () => {
  const log = warnings()
  const credentials = member('b')
  const server = await listen({ logger: log.logger })
  const socket = dial(server.localAddress)
  const end = ended(socket)
  socket.write(Buffer.from('\u0001secret-payload secret-payload'))
  await end
  expect(JSON.stringify(log.lines)).not.toContain('secret-payload')
  const rude = createServer((peer) => peer.on('error', () => undefined).end('secret-payload'))
  closed(rude)
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(rude.address() as { port: number }).port}`
  const asked = server.requestVote({ id: 'c', address }, vote())
  const error: unknown = await asked.catch((reason: unknown) => reason)
  expect(String((error as Error).stack)).not.toContain('secret-payload')
  const broken = await listen({ tls: { ...credentials, cert: 'nonsense' } }).catch((reason: unknown) => reason)
  expect(String((broken as Error).stack)).not.toContain(credentials.key.split('\n')[1]!)
})
