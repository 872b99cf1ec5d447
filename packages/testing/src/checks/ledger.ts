import { type IndexedConfiguration, type Log, LogType, type Position } from '@raft/core'
import { decodeConfiguration } from '@raft/core/wire'
import { textOf } from '../state-machine/value-text.ts'
import { contentHash, numbersHash } from './content-hash.ts'
import { type Restore, Restores } from './restores.ts'
import type { Violations } from './violations.ts'

/** What is known of an entry, whoever holds it. */
export interface KnownEntry {
  readonly type: LogType
  /** Stands for what it carries. */
  readonly content: number
  /** Stands for it and for everything before it; undefined if what is before is not known. */
  readonly chain: number | undefined
}

/** An entry that was committed. */
export interface Committed {
  readonly index: number
  readonly term: number
  /** The term in which it was committed, which may be later. */
  readonly during: number
}

const TERMS = 1_048_576

const BEGINNING: Position = { index: 0, term: 0 }

/** Stands for the term of an index at which a restore has left a hole. */
const NOTHING = -1

/** What the whole cluster has ever agreed on. No crash makes it forget. */
export class Ledger {
  readonly restores = new Restores()
  readonly #violations: Violations
  readonly #entries = new Map<number, KnownEntry>()
  /** By index; index 0 stands for the beginning. */
  readonly #committed: Committed[] = [{ index: 0, term: 0, during: 0 }]
  /** Those that are committed, ascending. */
  readonly #configurations: IndexedConfiguration[] = []
  readonly #encoded = new Map<number, Uint8Array>()
  readonly #leaders = new Map<number, string>()
  readonly #votes = new Map<string, string>()
  readonly #voters = new Set<string>()
  readonly #answers = new Map<number, string>()
  /** How often a content was asked for and may have happened, and what a caller was told when it may not. */
  readonly #asked = new Map<number, { times: number; why: string | undefined }>()
  /** By term: where the first, empty entry of its leader is committed. */
  readonly #openings = new Map<number, number>()
  #acknowledged = 0

  constructor(violations: Violations) {
    this.#violations = violations
  }

  /** The last index that was ever committed. */
  get committedThrough(): number {
    return this.#committed.length - 1
  }

  committed(index: number): Committed | undefined {
    return this.#committed[index]
  }

  entry(index: number, term: number): KnownEntry | undefined {
    return this.#entries.get(index * TERMS + term)
  }

  /** The membership in force at a committed index, with the index of its entry. */
  configurationAt(index: number): IndexedConfiguration | undefined {
    return this.#configurations.findLast((configuration) => configuration.index <= index)
  }

  /** The first command that is committed after one index and up to another. */
  commandBetween(after: number, through: number): number | undefined {
    for (let index = after + 1; index <= through; index++) {
      const committed = this.#committed[index]
      if (committed !== undefined && this.entry(index, committed.term)?.type === LogType.Command) return index
    }
    return undefined
  }

  /** Somebody leads (S1). */
  lead(term: number, id: string): void {
    const other = this.#leaders.get(term)
    if (other === undefined) this.#leaders.set(term, id)
    else this.#violations.expect(other === id, 'S1', () => `${id} and ${other} both lead in term ${term}`)
  }

  /** The last term that had a leader. */
  get lastTerm(): number {
    return Math.max(0, ...this.#leaders.keys())
  }

  leaderOf(term: number): string | undefined {
    return this.#leaders.get(term)
  }

  /** How many terms had a leader. */
  get elections(): number {
    return this.#leaders.size
  }

  /** Somebody's vote leaves it (S2). */
  vote(term: number, voter: string, candidate: string): void {
    const key = `${term} ${voter}`
    this.#voters.add(voter)
    const other = this.#votes.get(key)
    if (other === undefined) this.#votes.set(key, candidate)
    const text = (): string => `${voter} voted for ${other} and for ${candidate} in term ${term}`
    this.#violations.expect(other === undefined || other === candidate, 'S2', text)
  }

  /** Whether somebody has ever given its vote away. */
  hasVoted(voter: string): boolean {
    return this.#voters.has(voter)
  }

  /** Entries are on somebody's disk, after an entry of `previousTerm`, if that is known (S4). */
  store(logs: readonly Log[], previousTerm: number | undefined, who: string): void {
    let before = previousTerm
    for (const log of logs) {
      this.#storeOne(log, before, who)
      before = log.term
    }
  }

  #storeOne(log: Log, previousTerm: number | undefined, who: string): void {
    const { index, term, type } = log
    const content = contentHash(log)
    const chain = this.#chain(index, term, previousTerm, content)
    const known = this.entry(index, term)
    if (known === undefined || (known.chain === undefined && chain !== undefined)) {
      this.#entries.set(index * TERMS + term, { type, content, chain })
    }
    if (type === LogType.Configuration && log.data !== undefined) this.#encoded.set(index * TERMS + term, log.data)
    if (known === undefined) return
    const same = known.content === content && known.type === type
    this.#violations.expect(same, 'S4', () => `entry ${index} of term ${term} is not the same on ${who} as elsewhere`)
    const agrees = known.chain === undefined || chain === undefined || known.chain === chain
    this.#violations.expect(
      agrees,
      'S4',
      () => `before entry ${index} of term ${term}, ${who} holds what others do not`,
    )
  }

  #chain(index: number, term: number, previousTerm: number | undefined, content: number): number | undefined {
    if (index === 1) return numbersHash(1, term, content)
    const before = previousTerm ?? this.#committed[index - 1]?.term
    const previous = before === undefined ? undefined : this.entry(index - 1, before)?.chain
    return previous === undefined ? undefined : numbersHash(previous, index, term, content)
  }

  /** Somebody, whose snapshot ends at `after`, knows that an entry is committed (S8). True if it is the first to know. */
  commit(entry: Committed, who: string, after: Position = BEGINNING): boolean {
    const known = this.#committed[entry.index]
    if (known?.term === NOTHING && entry.during < known.during) {
      // A leader that was replaced counts the last answer to it when a later one has restored already: that came after.
      this.#committed[entry.index] = entry
      return false
    }
    if (known !== undefined) {
      const text = (): string =>
        `entry ${entry.index} was committed with term ${known.term}; ${who} commits one of term ${entry.term}`
      this.#violations.expect(known.term === entry.term, 'S8', text)
      return false
    }
    const restore = entry.index === after.index + 1 ? this.restores.at(after) : undefined
    if (restore !== undefined) this.#beginAnew(restore)
    const expected = this.committedThrough + 1
    const text = (): string => `${who} commits entry ${entry.index} when ${expected} is next`
    this.#violations.expect(entry.index === expected, 'S8', text)
    if (entry.index === expected) {
      this.#committed.push(entry)
      this.#checkOrigin(entry)
    }
    return true
  }

  /** A restore is committed: nothing was, in a later term, that it makes undone (S5). What was before it is no more. */
  #beginAnew(restore: Restore): void {
    const { index, term } = restore
    const overtaken = this.#committed.find(({ during }) => during > term)
    const text = (): string =>
      `the restore at ${index} in term ${term} undoes entry ${overtaken?.index}, committed in term ${overtaken?.during}`
    this.#violations.expect(overtaken === undefined, 'S5', text)
    for (let hole = this.committedThrough + 1; hole < index; hole++) {
      this.#committed.push({ index: hole, term: NOTHING, during: term })
    }
    this.#committed.push({ index, term, during: term })
    this.restores.commit(restore)
  }

  /** Whether a user's restore has, or had, the index. */
  isRestored(index: number): boolean {
    return this.restores.includes(index)
  }

  /** A command that is committed was asked for (S19); the leader of a term begins with one empty entry, and a restore too (L8). */
  #checkOrigin({ index, term }: Committed): void {
    const { type, content } = this.entry(index, term) ?? {}
    const encoded = this.#encoded.get(index * TERMS + term)
    if (encoded !== undefined) this.#configurations.push({ index, configuration: decodeConfiguration(encoded) })
    if (type === LogType.Noop && !this.restores.includes(index - 1)) {
      const other = this.#openings.get(term)
      const text = (): string => `term ${term} has empty entries at ${other} and ${index}`
      this.#violations.expect(other === undefined, 'L8', text)
      this.#openings.set(term, index)
    } else if (type === LogType.Command) {
      const asked = content !== undefined && this.#asked.has(content)
      this.#violations.expect(asked, 'S19', () => `nobody asked for the command at ${index}`)
    }
  }

  /** Somebody's state machine gave an answer (S13). */
  answer(index: number, answer: unknown, who: string): void {
    const text = textOf(answer)
    const known = this.#answers.get(index)
    if (known === undefined) this.#answers.set(index, text)
    else
      this.#violations.expect(
        known === text,
        'S13',
        () => `the state machines answered ${known} and, on ${who}, ${text} to entry ${index}`,
      )
  }

  /** The last write that a caller was told of. */
  get acknowledgedThrough(): number {
    return this.#acknowledged
  }

  /** A caller was told that its command is at the index (S19, D1). */
  acknowledge(index: number, command: Uint8Array): void {
    this.#acknowledged = Math.max(this.#acknowledged, index)
    const committed = this.#committed[index]
    if (committed === undefined)
      return this.#violations.report('S19', `a caller was told of entry ${index}, which is not committed`)
    const known = this.entry(index, committed.term)
    const holds = known?.content === contentHash({ type: LogType.Command, data: command })
    this.#violations.expect(holds, 'S19', () => `entry ${index} is not what its caller was told it is`)
  }

  /** A caller asks for a command; several may ask for the same. */
  issue(command: Uint8Array): void {
    const content = contentHash({ type: LogType.Command, data: command })
    const asked = this.#asked.get(content)
    if (asked === undefined) this.#asked.set(content, { times: 1, why: undefined })
    else asked.times += 1
  }

  /** A caller was told that its command will never happen (S19). */
  reject(command: Uint8Array, why: string): void {
    const asked = this.#asked.get(contentHash({ type: LogType.Command, data: command }))
    if (asked === undefined) return
    asked.times -= 1
    asked.why = why
  }

  /** Checks at the end what can only be known then: no command is there more often than callers were not refused (S19). */
  close(): void {
    for (const { index, term } of this.#committed) {
      const entry = index === 0 ? undefined : this.entry(index, term)
      if (entry?.type !== LogType.Command) continue
      const asked = this.#asked.get(entry.content)
      if (asked !== undefined && asked.times > 0) asked.times -= 1
      else this.#violations.report('S19', `entry ${index} is committed although ${complaint(asked?.why)}`)
    }
  }
}

function complaint(why: string | undefined): string {
  return why === undefined ? 'its command was asked for less often' : `its caller was told: ${why}`
}
