import { InmemTransport } from '@raft/testing'
import { TCPTransport } from '@raft/transport-tcp'
import type { Server } from '@raft/core'
import { startFollower } from '../measure/follower.ts'
import type { ClusterTask, Subject } from '../measure/task.ts'
import { nameOf, startServer, untilLeading } from './server.ts'

const TIMEOUT = 10_000

/** Starts a cluster of `@raft/core`. */
export async function startOurs(task: ClusterTask): Promise<Subject> {
  return task.setting === 'memory' ? together(task) : apart(task)
}

/** All servers in this process, and a transport in memory. */
async function together(task: ClusterTask): Promise<Subject> {
  const transports = Array.from({ length: task.nodes }, () => new InmemTransport({ timeout: TIMEOUT }))
  for (const one of transports) for (const other of transports) one.connect(other.localAddress, other)
  const members = transports.map(({ localAddress }, place) => voter(place, localAddress))
  const followers = await Promise.all(
    transports.slice(1).map((transport, place) => startServer(task, nameOf(place + 1), transport)),
  )
  const leader = await startServer(task, nameOf(0), transports[0]!, members)
  await untilLeading(leader)
  const end = async (): Promise<void> => {
    await Promise.all([leader, ...followers].map((raft) => raft.shutdown()))
  }
  return { apply: (command) => leader.apply(command), others: [], end }
}

/** Each server in a process of its own, the leader in this one. */
async function apart(task: ClusterTask): Promise<Subject> {
  const program = new URL('follower.js', import.meta.url)
  const names = Array.from({ length: task.nodes - 1 }, (_, place) => nameOf(place + 1))
  const followers = await Promise.all(names.map((name) => startFollower(program, { task, name })))
  const transport = await listen(task)
  const addresses = [transport.localAddress, ...followers.map(({ address }) => address)]
  const members = addresses.map((address, place) => voter(place, address))
  const leader = await startServer(task, nameOf(0), transport, members)
  await untilLeading(leader)
  const end = async (): Promise<void> => {
    await leader.shutdown()
    await Promise.all(followers.map((follower) => follower.end()))
  }
  return { apply: (command) => leader.apply(command), others: followers.map(({ pid }) => pid), end }
}

/** A transport over TCP on this machine. */
export function listen({ options }: ClusterTask): Promise<TCPTransport> {
  const maxRPCsInFlight = options?.maxRPCsInFlight
  return TCPTransport.listen({ bindAddress: '127.0.0.1:0', timeout: TIMEOUT, maxRPCsInFlight })
}

function voter(place: number, address: string): Server {
  return { suffrage: 'Voter', id: nameOf(place), address }
}
