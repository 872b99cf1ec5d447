/** The state machine of all sides: it keeps the last command of each client, and answers how many it has applied. */
export class LastCommands {
  /** By the client's number. */
  readonly #last: Uint8Array[] = []
  #applied = 0

  /** How many clients it has heard of. */
  get size(): number {
    return Object.keys(this.#last).length
  }

  apply(command: Uint8Array): number {
    this.#last[clientOf(command)] = command
    return ++this.#applied
  }
}

function clientOf(command: Uint8Array): number {
  return ((command[4]! << 24) | (command[5]! << 16) | (command[6]! << 8) | command[7]!) >>> 0
}
