// Followers in processes of their own: how they are started, and what runs in one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClusterTask } from './task.ts'

/** What a follower is told. */
export interface FollowerTask {
  readonly task: ClusterTask
  readonly name: string
}

/** A follower that runs. */
export interface Follower {
  readonly pid: number
  /** Where it listens. */
  readonly address: string
  end(): Promise<void>
}

/** Starts a program that calls `runFollower`. */
export async function startFollower(program: URL, told: FollowerTask): Promise<Follower> {
  const child = spawn(process.execPath, [fileURLToPath(program), JSON.stringify(told)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line] = (await Promise.race([once(lines, 'line'), ended.then(() => [])])) as [string?]
  if (typeof line !== 'string') throw new Error(`a follower of ${fileURLToPath(program)} did not start`)
  return {
    pid: child.pid!,
    address: line,
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a follower until standard input ends, which it does when the leader's process does. */
export function runFollower(start: (told: FollowerTask) => Promise<string>): void {
  process.stdin.on('end', () => process.exit(0)).resume()
  void start(JSON.parse(process.argv[2]!) as FollowerTask).then((address) => console.log(address))
}
