import type { Clock } from '../interfaces/clock.ts'
import type { Logger } from '../interfaces/observability.ts'
import type { Parts } from './parts.ts'
import { messageOf } from './settle.ts'

/** Milliseconds that a call into a store or the FSM has to end, before the node is shut down around it. */
const PATIENCE = 10_000

/**
 * Closes the transport, waits for the calls that are still open, then closes the stores that the node owns. What fails
 * is logged: the rest is closed all the same.
 */
export async function closeParts(parts: Parts, open: readonly Promise<void>[]): Promise<void> {
  const { transport, own, logger, clock } = parts
  // At once, so that nobody waits for a peer that is silent.
  const closed = attempt(logger, 'the transport', () => transport.close?.())
  await Promise.race([Promise.all(open), patience(clock, open, logger)])
  await closed
  for (const store of own) await attempt(logger, 'a store', () => store.close())
}

async function attempt(logger: Logger, what: string, close: () => void | PromiseLike<void>): Promise<void> {
  try {
    await close()
  } catch (error) {
    logger.warn({ error: messageOf(error) }, `failed to close ${what}`)
  }
}

/** Resolves when waiting has taken too long; its timer ends with what is waited for. */
function patience(clock: Clock, open: readonly Promise<void>[], logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      logger.error({ milliseconds: PATIENCE }, 'a call into a store or the FSM does not end; shutting down around it')
      resolve()
    }, PATIENCE)
    void Promise.all(open).then(() => clock.clearTimer(timer))
  })
}
