import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTLS } from 'node:tls'
import { encodeRequest } from '@raft/core/wire'
import { expect, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { listen, vote, warnings } from '../fixture.ts'

const CONNECTIONS = 10_000
const AT_A_TIME = 250
const ALLOWED = 64
const MIB = 1_048_576

const portOf = (address: string): { host: string; port: number } => {
  const [host, port] = address.split(':')
  return { host: host!, port: Number(port) }
}

/** Sockets of this process that are open, on either side. */
const count = (kind: string): number => process.getActiveResourcesInfo().filter((name) => name === kind).length
const sockets = (): number => count('TCPSocketWrap')

test(`of ${CONNECTIONS} connections as many are kept as are allowed, memory stays, and members are served`, async () => {
  const log = warnings()
  const server = await listen({ maxConnections: ALLOWED, logger: log.logger })
  const member = await listen()
  const peer = { id: 'b', address: server.localAddress }
  await member.requestVote(peer, vote())
  const { heapUsed, external } = process.memoryUsage()
  const open = new Set<Socket>()
  let most = 0
  for (let made = 0; made < CONNECTIONS; made += AT_A_TIME) {
    const batch = Array.from({ length: AT_A_TIME }, () => connect(portOf(server.localAddress)).on('error', () => {}))
    for (const socket of batch) {
      open.add(socket)
      socket.resume().once('close', () => open.delete(socket))
    }
    await Promise.all(batch.map((socket) => once(socket, 'connect').catch(() => undefined)))
    await expect.poll(() => open.size, { interval: 5, timeout: 10_000 }).toBeLessThan(ALLOWED)
    most = Math.max(most, sockets())
    if (made % 2_500 === 0) expect(await member.requestVote(peer, vote())).toMatchObject({ granted: true })
  }
  // Each connection has two ends here.
  expect(most).toBeLessThanOrEqual(2 * ALLOWED + 10)
  const after = process.memoryUsage()
  expect(after.heapUsed + after.external - heapUsed - external).toBeLessThan(64 * MIB)
  // Ten thousand complaints are one line each ten seconds.
  expect(log.lines.length).toBeGreaterThan(0)
  expect(log.lines.length).toBeLessThan(20)
  for (const socket of open) socket.destroy()
})

test('whoever wants to negotiate again is refused', async () => {
  const authority = new Authority()
  const member = (name: string) => ({ ...authority.issue({ name, hosts: ['127.0.0.1'] }), ca: authority.cert })
  const server = await listen({ tls: member('b') })
  const socket = connectTLS({ ...portOf(server.localAddress), ...member('a'), maxVersion: 'TLSv1.2' })
  await once(socket, 'secureConnect')
  socket.resume().on('error', () => {})
  await expect.poll(sockets).toBe(2)
  socket.renegotiate({ rejectUnauthorized: true }, () => {})
  socket.write(encodeRequest('requestVote', vote()))
  await expect.poll(sockets).toBeLessThan(2)
  const other = await listen({ tls: member('a') })
  expect(await other.requestVote({ id: 'b', address: server.localAddress }, vote())).toMatchObject({ granted: true })
})
