// A follower of the ceiling in a process of its own.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { runFollower } from '../measure/follower.ts'
import { openBatchStore } from './batch-store.ts'
import { FollowedBatches } from './batches.ts'
import { FrameReader } from '../measure/frame.ts'

runFollower(async ({ task, name }) => {
  const batches = new FollowedBatches(openBatchStore(task, name))
  const server = createServer((socket) => {
    const reader = new FrameReader()
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      const frames = reader.add(chunk)
      if (frames.length === 0) return
      const answer = Buffer.allocUnsafe(4)
      answer.writeUInt32BE(batches.take(frames))
      socket.write(answer)
    })
    socket.on('error', () => process.exit(1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return String((server.address() as AddressInfo).port)
})
