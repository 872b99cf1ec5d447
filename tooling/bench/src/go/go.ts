import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Result, Task } from '../measure/task.ts'

/** Which of the original's stores, and how it is set up: as it comes, or as one who wants speed has it. */
export interface GoVariant {
  readonly store: 'wal' | 'bolt'
  readonly tuned: boolean
}

const tunedFlags = ['-max-append=1024', '-batch-apply', '-batching-fsm']

/** Measures hashicorp/raft with the program of `tooling/interop`. */
export async function measureGo(program: string, task: Task, { store, tuned }: GoVariant): Promise<Result> {
  const { setting, clients, bytes, nodes, seconds, warmup, folder } = task
  const flags = [
    `-transport=${setting === 'memory' ? 'inmem' : 'tcp'}`,
    `-store=${setting === 'durable' ? store : 'inmem'}`,
    `-clients=${clients}`,
    `-bytes=${bytes}`,
    `-nodes=${nodes}`,
    `-seconds=${seconds}`,
    `-warmup=${warmup}`,
    `-data=${folder}`,
    ...(tuned ? tunedFlags : []),
  ]
  const child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`raftbench ${flags.join(' ')} ended with status ${code}`)
  return JSON.parse(Buffer.concat(pieces).toString()) as Result
}
