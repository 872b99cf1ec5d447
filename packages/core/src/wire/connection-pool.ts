import type { ClientConnection } from './client-connection.ts'

/** Keeps connections that are idle, by the address they lead to. The one that was used last is used first. */
export class ConnectionPool {
  readonly #most: number
  readonly #idle = new Map<string, ClientConnection[]>()

  /** `most`: connections kept to each address. */
  constructor(most: number) {
    this.#most = most
  }

  /** An idle connection, which is no longer in the pool. */
  take(target: string): ClientConnection | undefined {
    const idle = this.#idle.get(target)
    const connection = idle?.pop()
    if (idle?.length === 0) this.#idle.delete(target)
    return connection
  }

  /** Keeps a connection on which nothing is under way. False if there is no room for it. */
  put(connection: ClientConnection): boolean {
    const idle = this.#idle.get(connection.target) ?? []
    if (connection.error !== undefined || idle.length >= this.#most) return false
    idle.push(connection)
    this.#idle.set(connection.target, idle)
    return true
  }

  /** Forgets a connection that has ended. */
  remove(connection: ClientConnection): void {
    const idle = this.#idle.get(connection.target)
    if (idle === undefined || !idle.includes(connection)) return
    const rest = idle.filter((it) => it !== connection)
    if (rest.length === 0) this.#idle.delete(connection.target)
    else this.#idle.set(connection.target, rest)
  }

  /** Empties the pool. */
  takeAll(): ClientConnection[] {
    const all = [...this.#idle.values()].flat()
    this.#idle.clear()
    return all
  }

  /** How many are kept to an address. */
  size(target: string): number {
    return this.#idle.get(target)?.length ?? 0
  }
}
