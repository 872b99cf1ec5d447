import type { FSM } from '@raft/core'
import { snapshotOf } from './snapshot-bytes.ts'
import { readable, textOf } from './value-text.ts'

/** What two states are compared by: what the user says that matters, or else the bytes of a snapshot. */
export type StateImage = { readonly text: string } | { readonly bytes: Uint8Array }

/** What matters of a state, if the user says it. */
export type StateOf<M extends FSM> = ((fsm: M) => unknown) | undefined

/** The image of a state machine's state. Nothing else may be done with it meanwhile. */
export async function imageOf<M extends FSM>(fsm: M, state: StateOf<M>): Promise<StateImage> {
  return state === undefined ? { bytes: await snapshotOf(fsm) } : { text: textOf(state(fsm)) }
}

/** How two images differ, in words; undefined if they do not. */
export function imageDifference(one: StateImage, other: StateImage): string | undefined {
  if ('text' in one && 'text' in other) return textDifference(one.text, other.text)
  if ('bytes' in one && 'bytes' in other) return bytesDifference(one.bytes, other.bytes)
  throw new TypeError('two images of different kinds')
}

/** How two texts differ, in words; undefined if they do not. */
export function textDifference(one: string, other: string): string | undefined {
  if (one === other) return undefined
  const at = firstDifference(one.length, other.length, (index) => one[index] === other[index])
  const part = (text: string): string => excerpt(text, at)
  return `${part(one)} and ${part(other)}${orderHint(sorted(one) === sorted(other))}`
}

function sorted(text: string): string {
  return text.split('').sort().join('')
}

function bytesDifference(one: Uint8Array, other: Uint8Array): string | undefined {
  if (Buffer.compare(one, other) === 0) return undefined
  const at = firstDifference(one.length, other.length, (index) => one[index] === other[index])
  const part = (bytes: Uint8Array): string => readable(bytes.subarray(Math.max(0, at - 16)), 40)
  const same = one.length === other.length && Buffer.compare(one.slice().sort(), other.slice().sort()) === 0
  return (
    `${one.length} and ${other.length} bytes, which differ from byte ${at} on: ` +
    `around it ${part(one)} and ${part(other)}${orderHint(same)}`
  )
}

function orderHint(sameParts: boolean): string {
  return sameParts
    ? ' (the same parts in another order: look at the order of a Map, a Set or the keys of an object)'
    : ''
}

function firstDifference(one: number, other: number, same: (index: number) => boolean): number {
  const shorter = Math.min(one, other)
  for (let at = 0; at < shorter; at++) if (!same(at)) return at
  return shorter
}

function excerpt(text: string, around: number): string {
  if (text.length <= 120) return text
  const from = Math.max(0, around - 50)
  return `${from > 0 ? '…' : ''}${text.slice(from, from + 100)}${from + 100 < text.length ? '…' : ''}`
}
