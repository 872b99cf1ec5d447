import { cpus, totalmem, type as system } from 'node:os'

/** What the figures were taken on. */
export interface Machine {
  readonly processors: string
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly go?: string | undefined
}

/** This machine. */
export function thisMachine(go: string | undefined): Machine {
  const all = cpus()
  return {
    processors: `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${system()} ${process.arch}`,
    node: process.version,
    go,
  }
}

/** The machine in one line. */
export function machineLine({ processors, memory, system: name, node, go }: Machine): string {
  const version = go?.match(/go\d[\w.]*/)?.[0]
  return [processors, memory, name, `Node ${node}`, version?.replace('go', 'Go ')].filter((part) => part).join(', ')
}
