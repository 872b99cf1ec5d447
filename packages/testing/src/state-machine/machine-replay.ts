import type { FSM } from '@raft/core'
import type { Complaint, JournalEntry, MachineJournal, Witness } from './machine-journal.ts'
import { snapshotOf, sourceOf } from './snapshot-bytes.ts'
import { imageDifference, imageOf, type StateOf } from './state-image.ts'

/** How many restored copies go on to the end. */
const COPIES = 6

/** Bytes of the chunks that they are restored from: sizes that no writer has in mind. */
const CHUNKS = [1, 1_000, 3, 64]

/** What it takes to do everything again. */
export interface ReplayOptions<M extends FSM> {
  readonly make: () => M
  readonly state: StateOf<M>
  readonly journal: MachineJournal
}

interface Copy<M extends FSM> {
  readonly fsm: M
  readonly witness: Witness
}

/**
 * Applies all entries again, one after the other, to a fresh state machine, and to copies that are restored from
 * snapshots on the way: all must answer as the servers did. Yields what is wrong.
 */
export async function* replay<M extends FSM>(options: ReplayOptions<M>): AsyncGenerator<Complaint> {
  const { make, state, journal } = options
  const first: Copy<M> = {
    fsm: make(),
    witness: { name: 'a fresh copy, made at the end', restored: false, restoredAt: undefined },
  }
  const copies = [first]
  const restoredAt = spread(journal.checkpoints, COPIES)
  const compared = new Set(journal.checkpoints)
  for (const [index, entry] of journal.entries) {
    for (const { fsm, witness } of copies) {
      for (const answer of await give(fsm, index, entry)) {
        const complaint = journal.answer(index, answer, witness)
        if (complaint !== undefined) yield complaint
      }
    }
    if (!compared.has(index)) continue
    for (const { fsm, witness } of copies) {
      const complaint = journal.image(index, await imageOf(fsm, state), witness)
      if (complaint !== undefined) yield complaint
    }
    const torn = await snapshotComplaint(options, index, first.fsm)
    if (torn !== undefined) yield torn
    if (restoredAt.has(index)) copies.push(await restored(options, index, first.fsm))
  }
}

/** Gives one entry to a state machine. The answer, if it is one that has an answer. */
async function give(fsm: FSM, index: number, { log, configuration }: JournalEntry): Promise<readonly unknown[]> {
  let answers: readonly unknown[] = []
  if (log !== undefined) answers = fsm.applyBatch === undefined ? [await fsm.apply(log)] : await fsm.applyBatch([log])
  if (configuration !== undefined) await fsm.storeConfiguration?.(index, configuration)
  return answers
}

async function restored<M extends FSM>(options: ReplayOptions<M>, index: number, fresh: M): Promise<Copy<M>> {
  const { make, journal } = options
  const bytes = journal.snapshotAt(index)?.value ?? (await snapshotOf(fresh))
  const fsm = make()
  await fsm.restore(sourceOf(bytes, CHUNKS))
  return { fsm, witness: { name: 'a copy, made at the end', restored: true, restoredAt: index } }
}

/** Whether the snapshot that a server took, with other things going on beside it, is the one of its index. */
async function snapshotComplaint<M extends FSM>(
  { state, journal, make }: ReplayOptions<M>,
  index: number,
  fresh: M,
): Promise<Complaint | undefined> {
  const taken = journal.snapshotAt(index)
  if (taken === undefined) return undefined
  let difference: string | undefined
  if (state === undefined) difference = imageDifference({ bytes: taken.value }, { bytes: await snapshotOf(fresh) })
  else {
    const copy = make()
    await copy.restore(sourceOf(taken.value, CHUNKS))
    difference = imageDifference(await imageOf(copy, state), await imageOf(fresh, state))
  }
  if (difference === undefined) return undefined
  const text =
    `the snapshot that ${taken.by.name} took at index ${index} is not the state of that index: ${difference}.\n` +
    'Either it was written while later entries were applied, and `snapshot` must take a copy, or it loses something.'
  return { rule: 'snapshot round trip', text }
}

/** At most `count` of the numbers, far apart. */
function spread(numbers: readonly number[], count: number): ReadonlySet<number> {
  const step = Math.max(1, numbers.length / count)
  return new Set(Array.from({ length: Math.min(count, numbers.length) }, (_, at) => numbers[Math.floor(at * step)]!))
}
