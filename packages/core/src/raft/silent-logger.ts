import type { Logger } from '../interfaces/observability.ts'

const ignore = (): void => undefined

/** Logs nothing: what the library does unless it is given a logger. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
