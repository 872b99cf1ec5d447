import type { Model, Operation } from './history.ts'

/** A beginning or an end, in a list from which operations are lifted out and put back. */
interface Moment {
  /** The operation's number. */
  readonly id: number
  /** The end that belongs to a beginning; undefined for an end. */
  readonly end: Moment | undefined
  previous: Moment | undefined
  next: Moment | undefined
}

interface Choice<State> {
  readonly moment: Moment
  readonly before: State
}

/** The search for an order of the operations of one key. */
export class Search<State, Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[]
  readonly #model: Model<State, Input, Output>
  readonly #head: Moment
  readonly #tried = new Set<string>()
  readonly #choices: Choice<State>[] = []
  #state: State
  /** Stands for the set of operations that are in the order: 64 bits, which each operation flips in its own way. */
  #high = 0
  #low = 0
  #longest: readonly number[] = []

  constructor(operations: readonly Operation<Input, Output>[], model: Model<State, Input, Output>, initial: State) {
    this.#operations = operations
    this.#model = model
    this.#state = initial
    this.#head = listOf(operations)
  }

  /** The longest order that was found. */
  get longest(): readonly Operation<Input, Output>[] {
    return this.#longest.map((id) => this.#operations[id]!)
  }

  /** What is not in the longest order. */
  get rest(): readonly Operation<Input, Output>[] {
    const ordered = new Set(this.#longest)
    return this.#operations.filter((_, id) => !ordered.has(id))
  }

  run(limit: number): 'linearizable' | 'impossible' | 'undecided' {
    let moment = this.#head.next
    for (let steps = 0; moment !== undefined; steps++) {
      if (steps >= limit) return 'undecided'
      if (moment.end !== undefined) moment = this.#choose(moment) ? this.#head.next : moment.next
      else {
        // An operation has ended that is not in the order: something before was chosen wrongly.
        const undone = this.#undo()
        if (undone === undefined) return 'impossible'
        moment = undone.next
      }
    }
    return 'linearizable'
  }

  /** Puts the operation next in the order, if it fits and the same was not tried before. */
  #choose(moment: Moment): boolean {
    const { input, output } = this.#operations[moment.id]!
    const after = this.#model.step(this.#state, input, output)
    if (after === undefined) return false
    this.#flip(moment.id)
    const situation = `${this.#high}.${this.#low}.${this.#model.describe(after)}`
    if (this.#tried.has(situation)) {
      this.#flip(moment.id)
      return false
    }
    this.#tried.add(situation)
    this.#choices.push({ moment, before: this.#state })
    this.#state = after
    lift(moment)
    if (this.#choices.length > this.#longest.length) this.#longest = this.#choices.map((choice) => choice.moment.id)
    return true
  }

  #undo(): Moment | undefined {
    const choice = this.#choices.pop()
    if (choice === undefined) return undefined
    this.#flip(choice.moment.id)
    this.#state = choice.before
    putBack(choice.moment)
    return choice.moment
  }

  #flip(id: number): void {
    this.#high ^= scramble(id * 2 + 1)
    this.#low ^= scramble(id * 2 + 2)
  }
}

function listOf(operations: readonly Operation[]): Moment {
  const moments: { readonly at: number; readonly moment: Moment }[] = []
  for (const [id, { begun, ended }] of operations.entries()) {
    const end: Moment = { id, end: undefined, previous: undefined, next: undefined }
    moments.push({ at: begun, moment: { id, end, previous: undefined, next: undefined } }, { at: ended, moment: end })
  }
  // Those that never ended come last, in any order among themselves.
  moments.sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
  const head: Moment = { id: -1, end: undefined, previous: undefined, next: undefined }
  let last = head
  for (const { moment } of moments) {
    moment.previous = last
    last.next = moment
    last = moment
  }
  return head
}

/** Takes an operation's beginning and end out of the list. */
function lift(moment: Moment): void {
  for (const one of [moment, moment.end!]) {
    one.previous!.next = one.next
    if (one.next !== undefined) one.next.previous = one.previous
  }
}

/** Puts them back where they were. */
function putBack(moment: Moment): void {
  for (const one of [moment.end!, moment]) {
    one.previous!.next = one
    if (one.next !== undefined) one.next.previous = one
  }
}

/** 32 bits that look random and belong to a number. */
function scramble(value: number): number {
  let bits = Math.imul(value, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca77)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae3d)
  return bits ^ (bits >>> 16)
}
