import type { FSM, FSMSnapshot, Log, SnapshotSource } from '@raft/core'

/** Counts commands and their bytes; its snapshots stay small however many there were. */
export class Counter implements FSM<number> {
  count = 0
  bytes = 0

  apply({ data }: Log): number {
    this.bytes += data?.length ?? 0
    return ++this.count
  }

  snapshot(): FSMSnapshot {
    const state = new TextEncoder().encode(`${this.count} ${this.bytes}`)
    return { persist: (sink) => sink.write(state), release: () => undefined }
  }

  async restore(source: SnapshotSource): Promise<void> {
    let text = ''
    for await (const chunk of source) text += new TextDecoder().decode(chunk)
    const [count, bytes] = text.split(' ').map(Number)
    this.count = count!
    this.bytes = bytes!
  }
}
