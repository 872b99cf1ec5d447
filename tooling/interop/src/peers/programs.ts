import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Kind } from '../control/protocol.ts'

/** What a server of a cluster runs: our library, hashicorp/raft v1.7.3, or v1.6.0, which knows no pre-vote. */
export type Program = Kind | 'go-v1.6'

/** The language that a program is in. */
export function kindOf(program: Program): Kind {
  return program === 'ts' ? 'ts' : 'go'
}

interface BuildScript {
  build(): { readonly go: { readonly version: string }; readonly built: boolean }
  program(name: string): string
}

const packageFolder = new URL('../../', import.meta.url)

/** The package's build script, which is no module of ours to compile. */
async function buildScript(): Promise<BuildScript> {
  return (await import(pathToFileURL(fileURLToPath(new URL('build.mjs', packageFolder))).href)) as BuildScript
}

/** Builds the Go programs if need be. The error has the name `GoMissing` if that is not possible on this machine. */
export async function buildGo(): Promise<string> {
  return (await buildScript()).build().go.version
}

/** The command that runs a program, without its flags. */
export async function commandOf(program: Program): Promise<readonly [string, ...string[]]> {
  if (program === 'ts') return [process.execPath, fileURLToPath(new URL('dist/tspeer/main.js', packageFolder))]
  return [(await buildScript()).program(program === 'go' ? 'raftpeer' : 'raftpeer-v1.6')]
}

/** The command that runs another of the Go programs. */
export async function goCommand(name: 'raftrecord' | 'raftpeer' | 'raftbench' | 'porcupine'): Promise<string> {
  return (await buildScript()).program(name)
}
