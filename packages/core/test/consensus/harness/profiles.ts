import type { Settings } from '../../../src/consensus/settings.ts'

/** What may happen next, by weight. */
export interface Weights {
  readonly deliver: number
  readonly lose: number
  readonly duplicate: number
  readonly write: number
  readonly apply: number
  readonly receive: number
  readonly time: number
  readonly propose: number
  readonly read: number
  readonly change: number
  readonly transfer: number
  readonly snapshot: number
  readonly crash: number
  readonly restart: number
  readonly cut: number
  readonly heal: number
  readonly pause: number
  readonly withdraw: number
}

/** One way to hunt. Each is meant to find a class of bugs that the others miss. */
export interface Profile {
  readonly name: string
  readonly voters: number
  /** Servers outside the first configuration. */
  readonly spares: number
  readonly settings: Partial<Settings>
  readonly weights: Weights
  /** How likely a message overtakes others. */
  readonly reorder: number
  /** How likely crashes, cuts and pauses hit a leader. */
  readonly atLeaders: number
  /** Whether writes and applies wait to be told. */
  readonly held: boolean
  readonly steps: number
}

const calm: Weights = {
  deliver: 90,
  lose: 2,
  duplicate: 1,
  write: 30,
  apply: 15,
  receive: 4,
  time: 8,
  propose: 8,
  read: 2,
  change: 0,
  transfer: 0.3,
  snapshot: 1,
  crash: 0.4,
  restart: 3,
  cut: 0.2,
  heal: 0.8,
  pause: 0.2,
  withdraw: 0.2,
}

const base = { spares: 0, settings: {}, reorder: 0.2, atLeaders: 0.5, held: true, steps: 1_500 } as const

export const profiles: readonly Profile[] = [
  { ...base, name: 'three', voters: 3, weights: calm },
  { ...base, name: 'four', voters: 4, weights: calm },
  { ...base, name: 'five', voters: 5, weights: { ...calm, deliver: 130 }, steps: 2_500 },
  { ...base, name: 'alone', voters: 1, weights: { ...calm, crash: 2 }, spares: 2 },
  {
    ...base,
    name: 'leaders die young',
    voters: 5,
    settings: { maxAppendEntries: 1 },
    weights: { ...calm, deliver: 120, crash: 1.2, restart: 6, lose: 3, snapshot: 0, propose: 4 },
    atLeaders: 0.9,
    reorder: 0.4,
  },
  {
    ...base,
    name: 'no asking first',
    voters: 3,
    settings: { preVote: false, maxAppendEntries: 1 },
    weights: { ...calm, crash: 1, restart: 6, lose: 3, time: 10, snapshot: 0 },
    atLeaders: 0.9,
  },
  {
    ...base,
    name: 'members come and go',
    voters: 3,
    spares: 3,
    weights: { ...calm, change: 3, crash: 0.8, transfer: 0.6 },
  },
  { ...base, name: 'two and more', voters: 2, spares: 2, weights: { ...calm, change: 3, crash: 1.5, restart: 4 } },
  {
    ...base,
    name: 'members come and go, unasked',
    voters: 4,
    spares: 2,
    settings: { preVote: false, maxAppendEntries: 2 },
    weights: { ...calm, change: 3, crash: 1.5, restart: 5, cut: 0.8, heal: 1.5 },
  },
  {
    ...base,
    name: 'snapshots',
    voters: 3,
    spares: 1,
    settings: { trailingLogs: 2, maxAppendEntries: 3 },
    weights: { ...calm, snapshot: 6, receive: 3, change: 0.6, cut: 0.8, heal: 1.5 },
  },
  {
    ...base,
    name: 'snapshots and nothing kept',
    voters: 3,
    settings: { trailingLogs: 0 },
    weights: { ...calm, snapshot: 10, receive: 2, crash: 1, lose: 4 },
  },
  {
    ...base,
    name: 'slow disks',
    voters: 3,
    weights: { ...calm, write: 8, apply: 5, propose: 12, crash: 0.8, restart: 4, time: 4 },
  },
  {
    ...base,
    name: 'offices change hands',
    voters: 3,
    spares: 1,
    weights: { ...calm, transfer: 3, read: 5, pause: 1, change: 0.5, withdraw: 1 },
  },
  {
    ...base,
    name: 'torn apart',
    voters: 5,
    settings: { maxAppendEntries: 2 },
    weights: { ...calm, deliver: 130, cut: 1, heal: 2, crash: 0.5 },
    steps: 2_500,
  },
  {
    ...base,
    name: 'fast',
    voters: 3,
    spares: 2,
    weights: { ...calm, change: 1, crash: 0.3 },
    held: false,
    steps: 3_000,
  },
]
