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
  sort(values)
  return values[(values.length - 1) >>> 1]!
}

/** Insertion: a handful of values, after every event of a leader. */
function sort(values: number[]): void {
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!
    let hole = at
    while (hole > 0 && values[hole - 1]! > value) {
      values[hole] = values[hole - 1]!
      hole -= 1
    }
    values[hole] = value
  }
}
