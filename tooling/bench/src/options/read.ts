import { parseArgs } from 'node:util'

type Spec = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly default?: string | boolean }>>

/** `parseArgs`, and whatever is wrong is told in one sentence that ends with where help is. */
export function readFlags<const T extends Spec>(
  parameters: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ args: [...parameters], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]!)
  }
}

/** Something on the command line is wrong. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}. See --help.`)
  }
}

/** A number of a flag. */
export function numberOf(flag: string, value: string, least: number): number {
  const number = Number(value)
  if (value.trim() === '' || !(number >= least))
    throw new UsageError(`--${flag} is a number from ${least} on, not '${value}'`)
  return number
}

/** A whole number of a flag. */
export function integerOf(flag: string, value: string, least: number): number {
  const number = numberOf(flag, value, least)
  if (!Number.isSafeInteger(number)) throw new UsageError(`--${flag} is a whole number, not '${value}'`)
  return number
}

/** One of some words. */
export function wordOf<T extends string>(flag: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new UsageError(`--${flag} is one of ${words.join(', ')}, not '${value}'`)
  return found
}
