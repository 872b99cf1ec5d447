import { testTransport } from '@raft/testing/conformance'
import { describe, test } from 'vitest'
import { TCPTransport, type TLSOptions } from '../src/index.ts'
import { Authority } from './certificates.ts'

async function pair(options: {
  timeout: number
  tls?: TLSOptions
}): Promise<{ first: TCPTransport; second: TCPTransport }> {
  const listen = (): Promise<TCPTransport> => TCPTransport.listen({ bindAddress: '127.0.0.1:0', ...options })
  const [first, second] = await Promise.all([listen(), listen()])
  return { first, second }
}

describe('TCP', () => testTransport(test, { create: ({ timeout }) => pair({ timeout }) }))

describe('mTLS', () => {
  const authority = new Authority()
  const tls = { ...authority.issue({ name: 'server', hosts: ['127.0.0.1'] }), ca: authority.cert }
  // A handshake takes a while on a busy machine.
  testTransport(test, {
    timeout: 1_500,
    create: ({ timeout }) => pair({ timeout, tls: { ...tls, verifyPeer: () => true } }),
  })
})
