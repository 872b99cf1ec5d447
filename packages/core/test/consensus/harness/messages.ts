import type { ReplyMessage } from '../../../src/consensus/effects.ts'
import type { CallID, InboundID } from '../../../src/consensus/events.ts'
import type { StoredSnapshot } from './disk.ts'
import type { Entry } from './entries.ts'

/** A request as it travels. */
export type Request =
  | {
      readonly kind: 'append'
      readonly term: number
      readonly prevIndex: number
      readonly prevTerm: number
      readonly entries: readonly Entry[]
      readonly leaderCommit: number
    }
  | { readonly kind: 'heartbeat'; readonly term: number }
  | {
      readonly kind: 'vote'
      readonly term: number
      readonly lastIndex: number
      readonly lastTerm: number
      readonly transfer: boolean
    }
  | { readonly kind: 'pre-vote'; readonly term: number; readonly lastIndex: number; readonly lastTerm: number }
  | { readonly kind: 'install'; readonly term: number; readonly snapshot: StoredSnapshot }
  | { readonly kind: 'timeout-now' }

/** What lies undelivered between two nodes. Every request ends as one response or one failure, or with its sender. */
export type Message = {
  readonly number: number
  readonly from: string
  readonly to: string
  /** The life of the node that waits for the answer: a restart forgets its calls. */
  readonly life: number
  readonly call: CallID
} & (
  | {
      readonly type: 'request'
      readonly request: Request
      /** Its answer goes nowhere. */
      readonly copy?: boolean
      /** Its header has no ID, as those of old versions. */
      readonly unnamed?: boolean
      /** The header's address, if it is not the usual one. */
      readonly address?: string | undefined
    }
  | {
      readonly type: 'response'
      readonly request: Request
      readonly message: ReplyMessage | undefined
      readonly error: Error | undefined
    }
  | { readonly type: 'failure'; readonly request: Request; readonly missing?: boolean }
)

/** A request that came in and was not replied to yet. */
export interface Inbound {
  readonly inbound: InboundID
  readonly message: Message & { readonly type: 'request' }
}
