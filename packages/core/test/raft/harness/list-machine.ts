import type { FSM, FSMSnapshot, SnapshotSource } from '../../../src/interfaces/fsm.ts'
import type { Log } from '../../../src/types/log.ts'

/** An FSM that keeps the text of every command; it answers how many it has. */
export class ListMachine implements FSM<number> {
  commands: string[] = []
  indexes: number[] = []

  apply(log: Log): number | Promise<number> {
    this.commands.push(new TextDecoder().decode(log.data))
    this.indexes.push(log.index)
    return this.commands.length
  }

  snapshot(): FSMSnapshot | Promise<FSMSnapshot> {
    const bytes = new TextEncoder().encode(JSON.stringify(this.commands))
    return { persist: (sink) => sink.write(bytes), release: () => undefined }
  }

  async restore(source: SnapshotSource): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of source) chunks.push(chunk)
    this.commands = JSON.parse(Buffer.concat(chunks).toString()) as string[]
    this.indexes = []
  }
}
