import { readFileSync } from 'node:fs'
import { Cluster } from '@raft-tooling/interop/cluster/cluster'
import type { PeerProcess } from '@raft-tooling/interop/peers/peer-process'
import { withFolder } from '../measure/folder.ts'

/** Whose servers are measured: those of `tooling/interop`, which are the same key-value machine twice. */
export type Kind = 'ts' | 'go'

/** What a table calls them. */
export const kindNames: Readonly<Record<Kind, string>> = { ts: 'ours', go: 'Go' }

/** Both, or ours alone. */
export function kinds(go: boolean): readonly Kind[] {
  return go ? ['ts', 'go'] : ['ts']
}

/** The library's own timeouts and limits; everything on disk; no snapshot unless it is asked for. */
export const flags = ['--data={folder}', '--snapshot-interval=86400000', '--log-level=error'] as const

/** Runs something with a cluster of one kind, and ends the cluster. */
export function withServers<T>(
  { kind, count = 3, more = [] }: { readonly kind: Kind; readonly count?: number; readonly more?: readonly string[] },
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const programs = Array.from({ length: count }, () => kind)
    const cluster = await Cluster.start({ folder, programs, flags: [...flags, ...more] })
    try {
      return await use(cluster)
    } finally {
      await cluster.kill()
    }
  })
}

/** Puts so many keys through the leader. */
export async function fill(leader: PeerProcess, total: number, bytes: number, say: (done: number) => void) {
  // One request must not take longer than it may.
  const slice = Math.max(10, Math.min(total, Math.floor(6_400_000 / bytes)))
  for (let done = 0; done < total; done += slice) {
    await leader.control.fill({ count: Math.min(slice, total - done), bytes, prefix: `${done}-`, window: 256 })
    const now = Math.min(total, done + slice)
    if (Math.floor((10 * now) / total) > Math.floor((10 * done) / total)) say(now)
  }
}

/** The most memory that a process had, in MB; nothing where there is no /proc. */
export function peakMemory({ pid }: PeerProcess): number | undefined {
  return statusOf(pid, 'VmHWM')
}

/** The memory that a process has, in MB; nothing where there is no /proc. */
export function memory({ pid }: PeerProcess): number | undefined {
  return statusOf(pid, 'VmRSS')
}

function statusOf(pid: number | undefined, field: string): number | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'latin1').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))
    return line === null ? undefined : Number(line[1]) / 1_024
  } catch {
    return undefined
  }
}
