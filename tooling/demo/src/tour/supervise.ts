import { constants } from 'node:os'
import { type Cluster } from '../cluster/cluster.ts'
import { type Narrator } from './narrator.ts'

/** What to watch over. */
export interface Supervised {
  readonly cluster: Cluster
  readonly narrator: Narrator
  /** Milliseconds after which the work is given up. */
  readonly limit: number
}

/** What the work can ask for. */
export interface Supervisor {
  /** Lifts the limit of time, and resolves at Ctrl-C or its like, which is then no failure. */
  interrupted(): Promise<void>
}

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** A signal that came while there was work to do. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: Signal

  constructor(signal: Signal) {
    super(`Interrupted by ${signal}.`)
    this.signal = signal
  }
}

/**
 * Does some work with a cluster. However that ends, well, badly, late or by a signal, no process of the cluster is left
 * afterwards. Resolves with the exit status; what went wrong has been said then.
 */
export async function supervised(
  { cluster, narrator, limit }: Supervised,
  work: (supervisor: Supervisor) => Promise<void>,
): Promise<number> {
  let expected: (() => void) | undefined
  let alarm: NodeJS.Timeout | undefined
  const listeners: [Signal, () => void][] = []
  const trouble = new Promise<never>((_, reject) => {
    alarm = setTimeout(() => reject(new Error(`it was not done after ${limit / 1_000} s`)), limit)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const listener = () => (expected === undefined ? reject(new Interrupted(signal)) : expected())
      listeners.push([signal, listener])
      process.on(signal, listener)
    }
  })
  const interrupted = async () => {
    clearTimeout(alarm)
    return new Promise<void>((resolve) => {
      expected = resolve
    })
  }
  try {
    const done = work({ interrupted })
    // If trouble comes first, nobody waits for the work any more, and killing its cluster makes it fail.
    done.catch(() => {})
    await Promise.race([done, trouble])
    return 0
  } catch (error) {
    return explain(error, { cluster, narrator })
  } finally {
    clearTimeout(alarm)
    await cluster.kill()
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}

function explain(error: unknown, { cluster, narrator }: Pick<Supervised, 'cluster' | 'narrator'>): number {
  if (error instanceof Interrupted) {
    narrator.bad(error.message)
    return 128 + constants.signals[error.signal]
  }
  narrator.bad(`Failed: ${error instanceof Error ? error.message : String(error)}`)
  for (const node of cluster.nodes) {
    const state = node.running ? 'running' : 'not running'
    narrator.say(`\nThe last words of ${node.id} (${state}):\n${node.lastWords()}`)
  }
  return 1
}
