/** What a measurement may use. */
export interface Tools {
  /** Go can be measured too. */
  readonly go: boolean
  /** Tells how far it is. */
  readonly say: (line: string) => void
}

/** One of the measurements that take their time. */
export interface Extra {
  readonly name: string
  /** Measures, and gives a table as Markdown, and every figure. */
  run(tools: Tools): Promise<{ readonly table: string; readonly figures: unknown }>
}
