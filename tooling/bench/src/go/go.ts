import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ClusterTask, Load, Result } from '../measure/task.ts'

/** Which of the original's stores, and how it is set up: as it comes, or as one who wants speed has it. */
export interface GoVariant {
  readonly store: 'wal' | 'bolt'
  readonly tuned: boolean
}

const tunedFlags = ['-max-append=1024', '-batch-apply', '-batching-fsm']

/** Measures hashicorp/raft with the program of `tooling/interop`, which starts the cluster and its clients. */
export async function measureGo(task: ClusterTask, load: Load, { store, tuned }: GoVariant): Promise<Result> {
  const program = await raftbench()
  const { setting, nodes, folder } = task
  const { clients, bytes, seconds, warmup } = load
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

/** The program, built if need be. */
async function raftbench(): Promise<string> {
  const { build, program } = await buildScript()
  build()
  return program('raftbench')
}

/** Which Go it is, or nothing if the original cannot be built here. */
export async function goVersion(): Promise<string | undefined> {
  try {
    return (await buildScript()).build().go.version
  } catch (error) {
    if ((error as Error).name === 'GoMissing') return undefined
    throw error
  }
}

interface BuildScript {
  build(): { readonly go: { readonly version: string } }
  program(name: string): string
}

/** The script that builds the Go programs, which is no module of ours to compile. */
async function buildScript(): Promise<BuildScript> {
  return (await import(new URL('../../../interop/build.mjs', import.meta.url).href)) as BuildScript
}
