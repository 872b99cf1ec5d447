import { InmemTransport } from '@raft/testing'
import { TCPTransport } from '@raft/transport-tcp'
import type { Raft, Server } from '@raft/core'
import { type Follower, startFollower } from '../measure/follower.ts'
import { load } from '../measure/load.ts'
import type { Result, Task } from '../measure/task.ts'
import { nameOf, startServer, untilLeading } from './server.ts'

const TIMEOUT = 10_000

/** Measures `@raft/core`. */
export async function measureOurs(task: Task): Promise<Result> {
  return task.setting === 'memory' ? together(task) : apart(task)
}

/** All servers in this process, and a transport in memory. */
async function together(task: Task): Promise<Result> {
  const transports = Array.from({ length: task.nodes }, () => new InmemTransport({ timeout: TIMEOUT }))
  for (const one of transports) for (const other of transports) one.connect(other.localAddress, other)
  const members = transports.map(({ localAddress }, place): Server => voter(place, localAddress))
  const followers = await Promise.all(
    transports.slice(1).map((transport, place) => startServer(task, nameOf(place + 1), transport)),
  )
  const leader = await startServer(task, nameOf(0), transports[0]!, members)
  const result = await loadLeader(leader, task, [])
  await Promise.all([leader, ...followers].map((raft) => raft.shutdown()))
  return result
}

/** Each server in a process of its own, the leader in this one. */
async function apart(task: Task): Promise<Result> {
  const followers = await Promise.all(
    Array.from({ length: task.nodes - 1 }, (_, place) =>
      startFollower(new URL('follower.js', import.meta.url), { task, name: nameOf(place + 1) }),
    ),
  )
  try {
    const transport = await listen(task)
    const members = [transport.localAddress, ...followers.map(({ address }) => address)]
    const leader = await startServer(
      task,
      nameOf(0),
      transport,
      members.map((address, place) => voter(place, address)),
    )
    const result = await loadLeader(leader, task, followers)
    await leader.shutdown()
    return result
  } finally {
    await Promise.all(followers.map((follower) => follower.end()))
  }
}

/** A transport over TCP on this machine. */
export function listen({ maxRPCsInFlight }: Task): Promise<TCPTransport> {
  return TCPTransport.listen({ bindAddress: '127.0.0.1:0', timeout: TIMEOUT, maxRPCsInFlight })
}

async function loadLeader(leader: Raft<number>, task: Task, followers: readonly Follower[]): Promise<Result> {
  await untilLeading(leader)
  return load({ apply: (command) => leader.apply(command), others: followers.map(({ pid }) => pid) }, task)
}

function voter(place: number, address: string): Server {
  return { suffrage: 'Voter', id: nameOf(place), address }
}
