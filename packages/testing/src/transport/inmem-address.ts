import type { Random } from '@raft/core'

/**
 * A new address for a transport in memory: 32 hexadecimal digits in groups of 8-4-4-4-12 (`NewInmemAddr`).
 *
 * @param random Where the digits come from; give a seeded source to get the same addresses in every run.
 */
export function newInmemAddress(random: Random = Math.random): string {
  return [8, 4, 4, 4, 12].map((length) => hexadecimal(length, random)).join('-')
}

function hexadecimal(length: number, random: Random): string {
  let digits = ''
  while (digits.length < length) digits += Math.floor(random() * 16).toString(16)
  return digits
}
