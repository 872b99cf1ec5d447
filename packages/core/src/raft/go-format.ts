const units = [
  { name: 'h', nanoseconds: 3_600_000_000_000 },
  { name: 'm', nanoseconds: 60_000_000_000 },
] as const

/** A duration in milliseconds as Go prints it: `1m1s`, `1.5s`, `12.345678ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const total = Math.round(Math.abs(milliseconds) * 1_000_000)
  if (total === 0) return '0s'
  const sign = milliseconds < 0 ? '-' : ''
  if (total < 1_000) return `${sign}${total}ns`
  if (total < 1_000_000) return `${sign}${decimal(total, 1_000)}µs`
  if (total < 1_000_000_000) return `${sign}${decimal(total, 1_000_000)}ms`
  let rest = total
  let text = ''
  for (const unit of units) {
    const count = Math.floor(rest / unit.nanoseconds)
    rest -= count * unit.nanoseconds
    if (count > 0 || text !== '') text += `${count}${unit.name}`
  }
  return `${sign}${text}${decimal(rest, 1_000_000_000)}s`
}

function decimal(nanoseconds: number, unit: number): string {
  const whole = Math.floor(nanoseconds / unit)
  const digits = String(unit).length - 1
  const fraction = String(nanoseconds % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(whole) : `${whole}.${fraction}`
}
