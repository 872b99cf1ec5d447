import { setTimeout as pause } from 'node:timers/promises'

/** Asks again and again until there is an answer; an `undefined` or a throw is none. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, within = 15_000): Promise<T> {
  const deadline = performance.now() + within
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? ` (${last.message})` : ''
      throw new Error(`waited ${within / 1_000} s for ${what}${reason}`, { cause: last })
    }
    await pause(20)
  }
}

/** A claim of a scenario; a function is asked only if it does not hold. */
export function claim(holds: boolean, complaint: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof complaint === 'string' ? complaint : complaint())
}

export { pause }
