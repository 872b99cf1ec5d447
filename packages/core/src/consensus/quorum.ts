/** How many of `voters` are a majority; 0 voters have none, so that nothing is ever decided by nobody. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1
}

/**
 * The highest value that a majority has reached. `values` holds one per voter and is sorted in place; without voters
 * the answer is 0.
 */
export function majorityValue(values: number[]): number {
  if (values.length === 0) return 0
  values.sort((a, b) => a - b)
  return values[(values.length - 1) >>> 1]!
}
