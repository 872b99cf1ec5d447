import type { Log } from '@raft/core'

export declare class Model {
  readonly entries: Map<number, number>
  first: number
  last: number
  vote: number
}
export declare function entryOf(step: number, index: number): Log
export declare function advance(step: number, model: Model): void
