import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogLine, type Logger, type SnapshotDescription } from '@raft/core'
import { type FileSnapshotStore } from '../src/index.ts'

/** A folder for a test's files, removed when the test disposes of it. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'raft-snapshot-file-'))

  /** Something in the folder. */
  at(...names: string[]): string {
    return join(this.path, ...names)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** What a snapshot stands for. */
export function describeSnapshot(term: number, index: number): SnapshotDescription {
  const servers = [{ suffrage: 'Voter', id: 'a', address: '127.0.0.1:8300' }] as const
  return { version: 1, index, term, configuration: { servers }, configurationIndex: 1 }
}

/** Writes a snapshot to the end, and gives its ID. */
export async function takeSnapshot(
  store: FileSnapshotStore,
  term: number,
  index: number,
  state = 'state',
): Promise<string> {
  const sink = await store.create(describeSnapshot(term, index))
  await sink.write(Buffer.from(state))
  await sink.close()
  return sink.id
}

/** The state of a snapshot. */
export async function readState(store: FileSnapshotStore, id: string): Promise<Buffer> {
  const reader = await store.open(id)
  const chunks: Uint8Array[] = []
  for await (const chunk of reader) chunks.push(chunk)
  await reader.close()
  return Buffer.concat(chunks)
}

/** A logger that keeps the messages of its warnings. */
export class Warnings implements Logger {
  readonly texts: string[] = []
  readonly debug: LogLine = () => undefined
  readonly info: LogLine = () => undefined
  readonly error: LogLine = () => undefined
  readonly warn: LogLine = (facts, message) => this.texts.push(`${message}: ${(facts as { error: string }).error}`)
}

/** Runs a program of test/programs to its end with a limit on the size of files, and gives what it printed as JSON. */
export function runLimited(name: string, args: readonly string[]): unknown {
  const program = join(import.meta.dirname, 'programs', name)
  // In blocks of 512 or 1,024 bytes, as the shell has it.
  const command = ['-c', `ulimit -f 300; exec "$0" "$@"`, process.execPath, program, ...args]
  const { stdout, stderr } = spawnSync('sh', command, { timeout: 30_000 })
  if (String(stderr) !== '') throw new Error(String(stderr))
  return JSON.parse(String(stdout))
}
