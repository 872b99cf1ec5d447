import type { Log } from '../types/log.ts'

/** The payload of an entry: what all limits in bytes count. */
export function payloadBytes(log: Log): number {
  return (log.data?.length ?? 0) + (log.extensions?.length ?? 0)
}
