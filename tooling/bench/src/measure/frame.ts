// A batch of commands as bytes: its length, then each command behind its own length. All lengths are four bytes.

const LENGTH = 4

/** Collects commands until somebody takes them as one frame. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(65_536)
  #end = LENGTH

  /** Bytes that were collected. */
  get length(): number {
    return this.#end - LENGTH
  }

  /** Copies a command. */
  add(command: Uint8Array): void {
    const end = this.#end + LENGTH + command.length
    if (end > this.#buffer.length) this.#grow(end)
    this.#buffer.writeUInt32BE(command.length, this.#end)
    this.#buffer.set(command, this.#end + LENGTH)
    this.#end = end
  }

  /** What was collected, in bytes of its own. */
  take(): Buffer {
    this.#buffer.writeUInt32BE(this.#end - LENGTH, 0)
    const frame = Buffer.from(this.#buffer.subarray(0, this.#end))
    this.#end = LENGTH
    return frame
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#buffer.length))
    grown.set(this.#buffer.subarray(0, this.#end))
    this.#buffer = grown
  }
}

/** The commands of a frame, as views of it. */
export function* commandsIn(frame: Buffer): Generator<Uint8Array> {
  for (let at = LENGTH; at < frame.length;) {
    const end = at + LENGTH + frame.readUInt32BE(at)
    yield frame.subarray(at + LENGTH, end)
    at = end
  }
}

/** Puts frames together again from what a socket yields. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0

  /** The frames that are complete with this chunk. */
  add(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#wanted()) return []
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const frames: Buffer[] = []
    let at = 0
    while (all.length - at >= LENGTH) {
      const end = at + LENGTH + all.readUInt32BE(at)
      if (end > all.length) break
      frames.push(all.subarray(at, end))
      at = end
    }
    this.#chunks = at === all.length ? [] : [all.subarray(at)]
    this.#size = all.length - at
    return frames
  }

  /** Bytes that the first frame has, as far as it is known. */
  #wanted(): number {
    const first = this.#chunks[0]!
    return first.length < LENGTH ? LENGTH : LENGTH + first.readUInt32BE(0)
  }
}
