import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Follower, startFollower } from '../measure/follower.ts'
import type { ClusterTask, Subject } from '../measure/task.ts'
import { openBatchStore } from './batch-store.ts'
import { Batches, FollowedBatches, type Send } from './batches.ts'

/** Starts the same work with nothing of Raft in it: no terms, no elections, no checks, nothing that could go wrong. */
export async function startCeiling(task: ClusterTask): Promise<Subject> {
  return task.setting === 'memory' ? together(task) : apart(task)
}

function together(task: ClusterTask): Subject {
  const sends = followersOf(task).map((name, place): Send => {
    const follower = new FollowedBatches(openBatchStore(task, name))
    return (frame) =>
      process.nextTick(() => {
        const count = follower.take([frame])
        process.nextTick(() => batches.acknowledge(place, count))
      })
  })
  const batches = new Batches(openBatchStore(task, 'leader'), sends)
  return { apply: (command) => batches.apply(command), others: [], end: () => Promise.resolve() }
}

async function apart(task: ClusterTask): Promise<Subject> {
  const followers = await Promise.all(
    followersOf(task).map((name) => startFollower(new URL('follower.js', import.meta.url), { task, name })),
  )
  const sockets = await Promise.all(followers.map(connectTo))
  const sends = sockets.map(
    (socket): Send =>
      (frame) =>
        void socket.write(frame),
  )
  const batches = new Batches(openBatchStore(task, 'leader'), sends)
  for (const [place, socket] of sockets.entries()) {
    onNumbers(socket, (count) => batches.acknowledge(place, count))
  }
  return {
    apply: (command) => batches.apply(command),
    others: followers.map(({ pid }) => pid),
    end: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all(followers.map((follower) => follower.end()))
    },
  }
}

function followersOf({ nodes }: ClusterTask): string[] {
  return Array.from({ length: nodes - 1 }, (_, place) => `follower-${place + 1}`)
}

async function connectTo({ address }: Follower): Promise<Socket> {
  const socket = connect(Number(address), '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  // It ends when the follower is killed.
  socket.on('error', () => undefined)
  return socket
}

/** Reads numbers of four bytes; only the last of those that arrive together matters. */
function onNumbers(socket: Socket, take: (number: number) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % 4)
    rest = all.subarray(whole)
    if (whole > 0) take(all.readUInt32BE(whole - 4))
  })
}
