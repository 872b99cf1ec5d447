/** The version of the contracts that these suites test; a store's `capabilities.contract` names the same. */
export const CONTRACT_VERSION = 1

/** What a runner hands to a test. Both Vitest and `node:test` have `skip`. */
export interface TestContext {
  skip?(reason?: string): void
}

/** Registers a test: `test` of Vitest or of `node:test`, or anything that calls the function and reports what it throws. */
export type TestFunction = (name: string, run: (context: TestContext) => Promise<void>) => unknown

/** One rule of a contract, and how to see whether it holds. */
export interface ConformanceCase<Subject> {
  /** The rule, as a sentence; it is the test's name. */
  readonly name: string
  /** Why the rule does not concern this subject, if it does not. Asked before `run`. */
  readonly exempt?: (subject: Subject) => string | undefined | Promise<string | undefined>
  /** Throws if the rule is broken. The subject is fresh. */
  readonly run: (subject: Subject) => Promise<void>
}

/** How the cases get what they test. */
export interface SubjectMaker<Subject> {
  make(): Promise<Subject>
  /** Called once after each case, whatever became of it. */
  dispose(subject: Subject): Promise<void>
}

/** What became of each case. */
export interface ConformanceReport {
  /** The interface whose rules these are. */
  readonly suite: string
  /** The version of its contract. */
  readonly contract: number
  readonly passed: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  readonly failed: readonly { readonly name: string; readonly error: unknown }[]
}

/**
 * Registers each case with the runner. A case that does not concern the subject is reported as skipped, with the
 * reason; if the runner cannot skip, it passes.
 */
export function registerCases<Subject>(
  test: TestFunction,
  suite: string,
  cases: readonly ConformanceCase<Subject>[],
  maker: SubjectMaker<Subject>,
): void {
  for (const one of cases) {
    test(`${suite} contract ${CONTRACT_VERSION}: ${one.name}`, async (context) => {
      const reason = await runCase(one, maker)
      if (reason !== undefined) context?.skip?.(reason)
    })
  }
}

/** Runs the cases one after the other without a runner. */
export async function runCases<Subject>(
  suite: string,
  cases: readonly ConformanceCase<Subject>[],
  maker: SubjectMaker<Subject>,
): Promise<ConformanceReport> {
  const passed: string[] = []
  const skipped: { name: string; reason: string }[] = []
  const failed: { name: string; error: unknown }[] = []
  for (const one of cases) {
    try {
      const reason = await runCase(one, maker)
      if (reason === undefined) passed.push(one.name)
      else skipped.push({ name: one.name, reason })
    } catch (error) {
      failed.push({ name: one.name, error })
    }
  }
  return { suite, contract: CONTRACT_VERSION, passed, skipped, failed }
}

/** A report in words: the contract and the counts, then what was left out and why, then what failed. */
export function describeReport({ suite, contract, passed, skipped, failed }: ConformanceReport): string {
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
  return [
    `${suite} contract ${contract}: ${passed.length} passed, ${skipped.length} skipped, ${failed.length} failed`,
    ...skipped.map(({ name, reason }) => `  skipped: ${name} (${reason})`),
    ...failed.map(({ name, error }) => `  FAILED: ${name}\n    ${messageOf(error).replaceAll('\n', '\n    ')}`),
  ].join('\n')
}

/** Runs one case and returns why it was skipped, if it was. */
async function runCase<Subject>(
  one: ConformanceCase<Subject>,
  maker: SubjectMaker<Subject>,
): Promise<string | undefined> {
  const subject = await maker.make()
  try {
    const reason = await one.exempt?.(subject)
    if (reason === undefined) await one.run(subject)
    return reason
  } finally {
    await maker.dispose(subject)
  }
}
