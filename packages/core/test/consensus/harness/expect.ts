/** Complains, with the letters of reliability.md, chapter E, if something does not hold. */
export type Expect = (holds: boolean, name: string, text: string) => void

/** A broken invariant. */
export class Broken extends Error {}
