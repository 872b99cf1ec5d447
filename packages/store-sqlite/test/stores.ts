// What the tests share. SqliteStore itself is tested as it was built: its thread runs a file in dist.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Log, LogType } from '@raft/core'

/** A folder for a test's files, removed when the test disposes of it. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'raft-store-sqlite-'))

  /** A file in the folder. */
  file(name = 'raft.db'): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** The entries from `from` through `through`, with a few bytes each. */
export function entries(from: number, through: number, bytes = 8): Log[] {
  return Array.from({ length: through - from + 1 }, (_, at) => {
    return { index: from + at, term: 1, type: LogType.Command, data: new Uint8Array(bytes).fill(from + at) }
  })
}

/** A program of test/programs, running. */
export class Program {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #exited: Promise<unknown>

  constructor(name: string, args: readonly string[], options: SpawnOptions = {}) {
    const program = join(import.meta.dirname, 'programs', name)
    this.#child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'], ...options })
    this.#exited = once(this.#child, 'exit')
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]()
  }

  /** The next line that it prints, `undefined` at the end. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : value
  }

  /** Kills it as kill -9 does, and gives the lines that it had printed. */
  async kill(): Promise<string[]> {
    this.#child.kill('SIGKILL')
    const lines: string[] = []
    for (let line = await this.line(); line !== undefined; line = await this.line()) lines.push(line)
    await this.#exited
    return lines
  }
}
