import { type Configuration, type Log, LogType } from '@raft/core'
import { imageDifference, type StateImage, textDifference } from './state-image.ts'
import { readable, textOf } from './value-text.ts'

/** One copy of the state machine at one time, and how it came to its state. */
export interface Witness {
  /** Its name in messages, for example `n1`. */
  readonly name: string
  /** The entry up to which its state came from a snapshot; undefined if it has applied every entry itself. */
  readonly restoredAt: number | undefined
  readonly restored: boolean
}

/** What a state machine was told at one index. */
export interface JournalEntry {
  /** A command; or, in a batch, the entry of a configuration. */
  readonly log?: Log
  readonly configuration?: Configuration
}

interface Noted<T> {
  readonly value: T
  readonly by: Witness
}

/** A rule that does not hold, in words for whoever wrote the state machine. */
export interface Complaint {
  readonly rule: 'deterministic apply' | 'equal replicas' | 'snapshot round trip'
  readonly text: string
}

/** What all copies of a state machine were told and answered, by index. */
export class MachineJournal {
  readonly #entries = new Map<number, JournalEntry>()
  readonly #answers = new Map<number, Noted<string>>()
  readonly #images = new Map<number, Noted<StateImage>>()
  readonly #snapshots = new Map<number, Noted<Uint8Array>>()

  /** Everything that was applied, in order. */
  get entries(): readonly (readonly [number, JournalEntry])[] {
    return [...this.#entries].sort(([one], [other]) => one - other)
  }

  /** The indexes at which states were noted, ascending. */
  get checkpoints(): readonly number[] {
    return [...new Set([...this.#images.keys(), ...this.#snapshots.keys()])].sort((one, other) => one - other)
  }

  /** The snapshot that was taken at an index while others things went on. */
  snapshotAt(index: number): { readonly value: Uint8Array; readonly by: Witness } | undefined {
    return this.#snapshots.get(index)
  }

  /** Where a snapshot with these bytes was taken last. */
  indexOf(bytes: Uint8Array): number | undefined {
    let found: number | undefined
    for (const [index, { value }] of this.#snapshots) {
      if (value.length === bytes.length && Buffer.compare(value, bytes) === 0) found = index
    }
    return found
  }

  noteEntry(index: number, entry: JournalEntry): void {
    this.#entries.set(index, { ...this.#entries.get(index), ...entry })
  }

  noteSnapshot(index: number, bytes: Uint8Array, by: Witness): void {
    if (!this.#snapshots.has(index)) this.#snapshots.set(index, { value: bytes, by })
  }

  /** Compares the answer of one copy with that of the others. */
  answer(index: number, answer: unknown, by: Witness): Complaint | undefined {
    const text = textOf(answer)
    const known = this.#answers.get(index)
    if (known === undefined) {
      this.#answers.set(index, { value: text, by })
      return undefined
    }
    const difference = textDifference(known.value, text)
    if (difference === undefined) return undefined
    return {
      rule: known.by.restored === by.restored ? 'deterministic apply' : 'snapshot round trip',
      text:
        `entry ${index}, ${this.#commandAt(index)}, has two answers: ${difference}.\n` +
        `The first is from ${describeWitness(known.by, index)}; the second is from ${describeWitness(by, index)}.\n` +
        advice(known.by, by),
    }
  }

  /** Compares the state of one copy, once it has applied an entry, with that of the others. */
  image(index: number, image: StateImage, by: Witness): Complaint | undefined {
    const known = this.#images.get(index)
    if (known === undefined) {
      this.#images.set(index, { value: image, by })
      return undefined
    }
    const difference = imageDifference(known.value, image)
    if (difference === undefined) return undefined
    const what = 'bytes' in image ? 'the snapshots of two copies' : 'the states of two copies'
    return {
      rule: known.by.restored === by.restored ? 'equal replicas' : 'snapshot round trip',
      text:
        `after entry ${index}, ${this.#commandAt(index)}, ${what} differ: ${difference}.\n` +
        `The first is of ${describeWitness(known.by, index)}; the second is of ${describeWitness(by, index)}.\n` +
        advice(known.by, by) +
        ('bytes' in image ? `\n${stateHint}` : ''),
    }
  }

  #commandAt(index: number): string {
    const log = this.#entries.get(index)?.log
    return log?.type === LogType.Command ? `the command ${readable(log.data)}` : 'a configuration'
  }
}

/** What to do if states may differ in their bytes. */
export const stateHint =
  'If such a difference does not matter, say what does: `state: (fsm) => …` is compared in place of the bytes.'

function describeWitness({ name, restored, restoredAt }: Witness, index: number): string {
  if (!restored) return `${name}, which has applied every entry itself`
  if (restoredAt === undefined) return `${name}, which was restored from a snapshot`
  const since = index - restoredAt
  const before = since === 0 ? '' : `, ${since} ${since === 1 ? 'entry' : 'entries'} before`
  return `${name}, which was restored from the snapshot of index ${restoredAt}${before}`
}

function advice(one: Witness, other: Witness): string {
  if (one.restored !== other.restored) {
    return (
      'Both were given the same entries, so the snapshot leaves something out that `apply` uses, or `restore` changes ' +
      'it: a field, the order of a Map. Or `apply` uses something that is not in the entries, such as a clock.'
    )
  }
  return (
    'Both were given the same entries, so `apply` uses something that is not in them: a clock, a random number, the ' +
    'environment, something outside that is shared. Put it into the command, or leave it out.'
  )
}
