// Steps that a store goes through, each a function of its number alone, so that whoever reads the store afterwards can
// say what it has to hold.

/** A log and a vote as they should be. */
export class Model {
  /** @type {Map<number, number>} From index to the step that wrote the entry. */
  entries = new Map()
  first = 0
  last = 0
  vote = 0
}

function chance(step, salt) {
  let mixed = Math.imul(step ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x2c1b3c6d)
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32
}

/** The entry that a step writes at an index. */
export function entryOf(step, index) {
  const bytes = Math.floor(chance(step, index) ** 4 * 20_000)
  return { index, term: step, type: 0, data: new Uint8Array(bytes).fill(step + index) }
}

/** What a step does, given what the steps before it left: a batch for `write`, or a range to delete. */
export function batchOf(step, model) {
  const kind = chance(step, -1)
  const count = 1 + Math.floor(chance(step, -2) * 5)
  if (kind > 0.9 && model.last - model.first > 20) {
    return { deleteThrough: model.first + Math.floor(chance(step, -3) * (model.last - model.first - 5)) }
  }
  const isCut = kind < 0.1 && model.last - model.first > 5
  const from = isCut ? model.last - Math.floor(chance(step, -3) * 4) : model.last + 1
  const logs = Array.from({ length: count }, (_, at) => entryOf(step, from + at))
  return { set: kind < 0.2, deleteFrom: isCut ? from : undefined, logs }
}

/** Does a step to the model. */
export function advance(step, model) {
  const { deleteThrough, set, deleteFrom, logs } = batchOf(step, model)
  if (deleteThrough !== undefined) {
    for (let index = model.first; index <= deleteThrough; index++) model.entries.delete(index)
    model.first = deleteThrough + 1
    return
  }
  if (set) model.vote = step
  if (deleteFrom !== undefined) for (let index = deleteFrom; index <= model.last; index++) model.entries.delete(index)
  for (const { index } of logs) model.entries.set(index, step)
  model.first ||= 1
  model.last = logs.at(-1).index
}

/** Does a step to a store, durably. */
export async function perform(step, model, store) {
  const { deleteThrough, set, deleteFrom, logs } = batchOf(step, model)
  if (deleteThrough !== undefined) return store.deleteRange(0, deleteThrough)
  const value = new TextEncoder().encode(String(step))
  return store.write({ set: set ? [{ key: 'vote', value }] : [], deleteFrom, logs })
}
