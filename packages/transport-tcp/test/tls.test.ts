import type { X509Certificate } from 'node:crypto'
import { connect } from 'node:net'
import { ConnectionError } from '@raft/core'
import { describe, expect, test } from 'vitest'
import { type TLSOptions, TLSStreamLayer, TCPTransport } from '../src/index.ts'
import { Authority, type CertificateOptions, type Credentials } from './certificates.ts'
import { closed, listen, vote, warnings } from './fixture.ts'

const authority = new Authority()
const stranger = new Authority('another authority')
const hosts = ['127.0.0.1']
const day = 86_400_000

const issue = (options: Partial<CertificateOptions> = {}): Credentials =>
  authority.issue({ name: 'n', hosts, ...options })
const tlsOf = (credentials: Credentials, more: Partial<TLSOptions> = {}): TLSOptions => ({
  ...credentials,
  ca: authority.cert,
  ...more,
})

async function ask(from: TLSOptions | undefined, to: TLSOptions | undefined, log = warnings()): Promise<unknown> {
  const a = await listen({ tls: from })
  const b = await listen({ tls: to, logger: log.logger })
  return a.requestVote({ id: 'b', address: b.localAddress }, vote())
}

test('both ends show a certificate that the same authority signed', async () => {
  expect(await ask(tlsOf(issue()), tlsOf(issue()))).toMatchObject({ granted: true })
})

describe('refused', () => {
  const good = tlsOf(issue())
  const cases: [string, TLSOptions | undefined, TLSOptions | undefined][] = [
    ['a client without TLS', undefined, good],
    ['a server without TLS', good, undefined],
    ['a client whose certificate another authority signed', tlsOf(stranger.issue({ name: 'n', hosts })), good],
    ['a server whose certificate another authority signed', good, tlsOf(stranger.issue({ name: 'n', hosts }))],
    ['a client whose certificate has expired', tlsOf(issue({ notAfter: new Date(Date.now() - 3_600_000) })), good],
    ['a server whose certificate has expired', good, tlsOf(issue({ notAfter: new Date(Date.now() - 3_600_000) }))],
    ['a certificate that is not valid yet', tlsOf(issue({ notBefore: new Date(Date.now() + day / 2) })), good],
    ['a server under another name', good, tlsOf(issue({ hosts: ['elsewhere.example'] }))],
    ['a client with a certificate for servers only', tlsOf(issue({ usage: 'server' })), good],
    ['a server with a certificate for clients only', good, tlsOf(issue({ usage: 'client' }))],
  ]
  for (const [why, from, to] of cases) {
    test(why, async () => {
      await expect(ask(from, to)).rejects.toThrow(ConnectionError)
    })
  }

  test('a client whose certificate was revoked', async () => {
    const revoked = issue()
    const crl = authority.revoke(revoked)
    await expect(ask(tlsOf(revoked), tlsOf(issue(), { crl }))).rejects.toThrow(ConnectionError)
    expect(await ask(tlsOf(issue()), tlsOf(issue(), { crl }))).toMatchObject({ granted: true })
  })

  test('the failed handshake is logged where it was refused', async () => {
    const log = warnings()
    await expect(ask(tlsOf(stranger.issue({ name: 'n', hosts })), good, log)).rejects.toThrow(ConnectionError)
    await expect.poll(() => log.lines).toMatchObject([{ message: 'a TLS handshake failed' }])
  })
})

describe('with a name for all servers', () => {
  const serverName = 'server.raft.internal'
  const member = (): TLSOptions => tlsOf(issue({ hosts: [serverName] }), { serverName })

  test('members know each other', async () => {
    expect(await ask(member(), member())).toMatchObject({ granted: true })
  })

  test('another certificate of the same authority is no server', async () => {
    await expect(ask(member(), tlsOf(issue(), { serverName }))).rejects.toThrow(/does not match|altnames/)
    const log = warnings()
    // It accepts us as a server, but we do not accept it as one.
    await expect(ask(tlsOf(issue({ hosts: ['client.example'] }), { serverName }), member(), log)).rejects.toThrow(
      ConnectionError,
    )
    expect(log.lines).toMatchObject([
      { message: 'a connection may not speak as the server it names', facts: { id: 'a' } },
    ])
  })
})

describe('verifyPeer', () => {
  /** The common name of a certificate is the ID of its server. */
  const byName = (certificate: X509Certificate | undefined, id: string): boolean => certificate?.subject === `CN=${id}`
  const member = (name: string): TLSOptions => tlsOf(issue({ name }), { verifyPeer: byName })

  test('is asked with the peer that was dialled, and with what requests claim', async () => {
    const asked: unknown[] = []
    const verifyPeer = (certificate: X509Certificate | undefined, id: string, address: string): boolean => {
      asked.push([certificate?.subject, id, address])
      return true
    }
    const a = await listen({ tls: tlsOf(issue({ name: 'a' }), { verifyPeer }) })
    const b = await listen({ tls: tlsOf(issue({ name: 'b' }), { verifyPeer }) })
    const peer = { id: 'b', address: b.localAddress }
    for (let i = 0; i < 3; i++) await a.requestVote(peer, vote('a', 'a:1'))
    expect(asked).toEqual([
      ['CN=b', 'b', b.localAddress],
      ['CN=a', 'a', 'a:1'],
    ])
  })

  test('a server cannot pass for another', async () => {
    expect(await ask(member('a'), member('b'))).toMatchObject({ granted: true })
    await expect(ask(member('a'), member('c'))).rejects.toThrow(/b at .* did not prove who it is/)
    const log = warnings()
    await expect(ask(tlsOf(issue({ name: 'c' })), member('b'), log)).rejects.toThrow(ConnectionError)
    expect(log.lines).toMatchObject([{ facts: { id: 'a', address: 'a:1' } }])
  })

  test('without mutual TLS there is no certificate to ask about', async () => {
    const asked: unknown[] = []
    const verifyPeer = (certificate: X509Certificate | undefined): boolean => {
      asked.push(certificate)
      return true
    }
    expect(await ask(tlsOf(issue()), tlsOf(issue(), { mutual: false, verifyPeer }))).toMatchObject({ granted: true })
    expect(asked).toEqual([undefined])
  })
})

test('a certificate is replaced while the server runs; connections stay until the streams are closed', async () => {
  const renewed = new Authority('the next authority')
  const both = [authority.cert, renewed.cert]
  const layer = await TLSStreamLayer.listen({ bindAddress: '127.0.0.1:0', tls: { ...issue(), ca: both } })
  const b = closed(new TCPTransport({ stream: layer }))
  const subjects: (string | undefined)[] = []
  const verifyPeer = (certificate: X509Certificate | undefined): boolean => {
    subjects.push(certificate?.issuer)
    return true
  }
  const a = await listen({ tls: { ...issue(), ca: both, verifyPeer } })
  b.setRPCHandler((rpc) => {
    if (rpc.type === 'requestVote') rpc.respond({ header: { protocolVersion: 3 }, term: 1, granted: true })
  })
  const peer = { id: 'b', address: b.localAddress }
  await a.requestVote(peer, vote())
  layer.setCredentials({ ...renewed.issue({ name: 'n', hosts }), ca: both })
  await a.requestVote(peer, vote())
  expect(subjects).toEqual(['CN=test authority'])
  a.closeStreams()
  await a.requestVote(peer, vote())
  expect(subjects.at(-1)).toBe('CN=the next authority')
  expect(() => layer.setCredentials({ cert: 'nonsense', key: 'nonsense' })).toThrow(
    /the TLS certificate or key cannot be used/,
  )
  a.closeStreams()
  await a.requestVote(peer, vote())
})

test('a certificate that cannot be used is one clear sentence', async () => {
  const { cert } = issue()
  const listening = TCPTransport.listen({ bindAddress: '127.0.0.1:0', tls: { cert, key: issue().key } })
  await expect(listening).rejects.toThrow(/^the TLS certificate or key cannot be used: .*mismatch/)
  await expect(listening).rejects.toThrow(ConnectionError)
})

test('a handshake that does not go on is ended', async () => {
  const b = await listen({ tls: tlsOf(issue(), { handshakeTimeout: 50 }) })
  const [host, port] = b.localAddress.split(':')
  const socket = connect(Number(port), host)
  socket.on('error', () => undefined).resume()
  await new Promise((resolve) => socket.once('close', resolve))
})
