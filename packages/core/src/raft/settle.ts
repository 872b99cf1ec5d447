import type { Awaitable } from '../interfaces/awaitable.ts'

/** Whether the value is still to come. */
export function isThenable<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** What to do with an outcome. Neither may throw. */
export interface Outcomes<T> {
  done(value: T): void
  failed(error: unknown): void
}

/**
 * Begins something that may take time, and hands on what comes of it: at once if it is there at once, so that what is
 * synchronous costs no promise and no turn.
 */
export function settle<T>(begin: () => Awaitable<T>, outcomes: Outcomes<T>): void {
  let value: Awaitable<T>
  try {
    value = begin()
  } catch (error) {
    outcomes.failed(error)
    return
  }
  if (isThenable(value)) {
    void value.then(
      (settled) => outcomes.done(settled),
      (error: unknown) => outcomes.failed(error),
    )
  } else outcomes.done(value)
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whatever was thrown, as an `Error`. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
