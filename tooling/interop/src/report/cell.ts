/** What became of one scenario in one pairing. */
export interface Cell {
  readonly name: string
  readonly milliseconds: number
  /** What went wrong, or nothing. */
  readonly failure?: string
}

/** Scenarios in rows, pairings in columns. */
export function table(columns: readonly string[], rows: ReadonlyMap<string, ReadonlyMap<string, Cell>>): string {
  const names = [...rows.keys()]
  const width = Math.max(...names.map((name) => name.length), 8)
  const widths = columns.map((column) => Math.max(column.length, 11))
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(width)}  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()
  const rule = '─'.repeat(width + widths.reduce((sum, each) => sum + each + 2, 0))
  const body = names.map((name) =>
    line(
      name,
      columns.map((column) => cellText(rows.get(name)?.get(column))),
    ),
  )
  return [line('scenario', columns), rule, ...body].join('\n')
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '-'
  const seconds = `${(cell.milliseconds / 1_000).toFixed(1)} s`
  return cell.failure === undefined ? `ok ${seconds.padStart(7)}` : `FAILED ${seconds}`
}
