/** What a client asked for and was told. */
export interface Operation<Input = unknown, Output = unknown> {
  readonly client: number
  readonly input: Input
  /** What it was told; undefined if it never was, so that the operation may have happened at any time since, or never. */
  readonly output: Output | undefined
  /** Its place in the order of all beginnings and ends. */
  readonly begun: number
  /** Infinity if it never ended. */
  readonly ended: number
  /** The entry that it was answered from, if that is known. */
  readonly index?: number | undefined
}

/** What a correct system does, one operation at a time. */
export interface Model<State, Input, Output> {
  /** Operations of different keys have nothing to do with each other, and are checked apart. */
  keyOf?(input: Input): string
  initial(key: string): State
  /** The state after the operation, or undefined if it cannot answer so in this state. `output` undefined: any answer. */
  step(state: State, input: Input, output: Output | undefined): State | undefined
  /** A text that is the same for equal states, and for those alone. */
  describe(state: State): string
}

type Noted<Input, Output> = { -readonly [K in keyof Operation<Input, Output>]: Operation<Input, Output>[K] }

/** Notes what clients do, in the order in which it begins and ends. */
export class History<Input = unknown, Output = unknown> {
  readonly #operations: Noted<Input, Output>[] = []
  readonly #dropped = new Set<number>()
  #order = 0

  /** Notes a beginning; the result names the operation. */
  begin(client: number, input: Input): number {
    this.#order += 1
    return this.#operations.push({ client, input, output: undefined, begun: this.#order, ended: Infinity }) - 1
  }

  /** The place of now in the order of all beginnings and ends. */
  get now(): number {
    return this.#order
  }

  /** Notes an end with an answer, and from which entry it was given. */
  end(operation: number, output: Output, index?: number): void {
    const noted = this.#operations[operation]!
    this.#order += 1
    noted.output = output
    noted.index = index
    noted.ended = this.#order
  }

  /** The operation certainly never happened. */
  drop(operation: number): void {
    this.#dropped.add(operation)
  }

  /** All operations that happened or may have. */
  get operations(): readonly Operation<Input, Output>[] {
    return this.#operations.filter((_, at) => !this.#dropped.has(at))
  }
}
