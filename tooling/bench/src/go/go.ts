import type { ClusterTask } from '../measure/task.ts'

/** Which of the original's stores, and how it is set up: as it comes, or as one who wants speed has it. */
export interface GoVariant {
  readonly store: 'wal' | 'bolt'
  readonly tuned: boolean
}

const tunedFlags = ['-max-append=1024', '-batch-apply', '-batching-fsm']

/** How the program of `tooling/interop` is run that starts a cluster of hashicorp/raft and reads loads for it. */
export async function goCommand(
  task: ClusterTask,
  { store, tuned }: GoVariant,
): Promise<readonly [string, ...string[]]> {
  const { setting, nodes, folder } = task
  return [
    await raftbench(),
    '-serve',
    `-transport=${setting === 'memory' ? 'inmem' : 'tcp'}`,
    `-store=${setting === 'durable' ? store : 'inmem'}`,
    `-nodes=${nodes}`,
    `-data=${folder}`,
    ...(tuned ? tunedFlags : []),
  ]
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
