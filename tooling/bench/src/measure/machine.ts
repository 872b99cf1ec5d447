/** The state machine of all sides: it keeps the last command of each client, and answers how many it has applied. */
export class LastCommands {
  readonly #last = new Map<number, Uint8Array>()
  #applied = 0

  /** How many clients it has heard of. */
  get size(): number {
    return this.#last.size
  }

  apply(command: Uint8Array): number {
    this.#last.set(clientOf(command), command)
    return ++this.#applied
  }
}

function clientOf(command: Uint8Array): number {
  return ((command[4]! << 24) | (command[5]! << 16) | (command[6]! << 8) | command[7]!) >>> 0
}
