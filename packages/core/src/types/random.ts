/** Draws from [0, 1), as `Math.random` does. The simulator gives a seeded one. */
export type Random = () => number
