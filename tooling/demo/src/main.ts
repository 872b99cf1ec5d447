import { chaos } from './chaos/chaos.ts'
import { Complaint } from './tour/preflight.ts'
import { tour } from './tour/tour.ts'

/** Gives the tour, or with `chaos` as the first parameter the run of kills. Resolves with the exit status. */
export async function main(parameters: readonly string[]): Promise<number> {
  try {
    return parameters[0] === 'chaos' ? await chaos(parameters.slice(1)) : await tour(parameters)
  } catch (error) {
    if (!(error instanceof Complaint) && !isAboutParameters(error)) throw error
    console.error(error.message)
    return 1
  }
}

/** What `parseArgs` of Node throws: its message is for people already. */
function isAboutParameters(error: unknown): error is Error {
  return error instanceof Error && String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')
}
