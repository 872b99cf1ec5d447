import { testTransport } from '@raft/testing/conformance'
import { test } from 'vitest'
import { WebSocketTransport } from '../src/index.ts'

testTransport(test, {
  async create({ timeout }) {
    const [first, second] = await Promise.all([
      WebSocketTransport.listen({ bindAddress: '127.0.0.1:0', timeout }),
      WebSocketTransport.listen({ bindAddress: '127.0.0.1:0', timeout }),
    ])
    return { first, second }
  },
})
