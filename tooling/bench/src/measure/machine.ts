import { commandsIn, FrameReader, FrameWriter } from './frame.ts'

/** A frame of a state is closed once it holds so many bytes. */
const FRAME = 65_536

/** The state machine of all sides: it keeps the last command of each client, and answers how many it has applied. */
export class LastCommands {
  /** By the client's number. */
  #last: Uint8Array[] = []
  #applied = 0

  /** How many clients it has heard of. */
  get size(): number {
    return Object.keys(this.#last).length
  }

  apply(command: Uint8Array): number {
    this.#last[clientOf(command)] = command
    return ++this.#applied
  }

  /** The state as it is now, in frames that are made as they are asked for: how many were applied, and the commands. */
  state(): Iterable<Uint8Array> {
    return framesOf(this.#applied, this.#last.slice())
  }

  /** Takes over a state, however it is cut into pieces. */
  async restore(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const reader = new FrameReader()
    const last: Uint8Array[] = []
    let applied: number | undefined
    for await (const piece of pieces) {
      for (const frame of reader.add(Buffer.from(piece))) {
        for (const command of commandsIn(frame)) {
          if (applied === undefined) applied = Number(Buffer.from(command).readBigUInt64BE())
          else last[clientOf(command)] = command
        }
      }
    }
    if (applied === undefined) throw new Error('the state of a benchmark’s machine is empty')
    this.#last = last
    this.#applied = applied
  }
}

function* framesOf(applied: number, commands: readonly Uint8Array[]): Generator<Uint8Array> {
  const writer = new FrameWriter()
  const count = Buffer.allocUnsafe(8)
  count.writeBigUInt64BE(BigInt(applied))
  writer.add(count)
  for (const command of commands) {
    // Clients that have not been heard of are gaps.
    if ((command as Uint8Array | undefined) === undefined) continue
    writer.add(command)
    if (writer.length >= FRAME) yield writer.take()
  }
  yield writer.take()
}

function clientOf(command: Uint8Array): number {
  return ((command[4]! << 24) | (command[5]! << 16) | (command[6]! << 8) | command[7]!) >>> 0
}
