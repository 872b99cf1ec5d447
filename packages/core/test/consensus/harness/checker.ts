import type { Effect } from '../../../src/consensus/effects.ts'
import type { Event } from '../../../src/consensus/events.ts'
import { brokenInvariant } from '../../../src/consensus/invariants.ts'
import { checkConfiguration, hasVote, votersOf } from '../../../src/consensus/membership.ts'
import type { Leader } from '../../../src/consensus/roles.ts'
import type { Configuration } from '../../../src/types/configuration.ts'
import { Callers } from './callers.ts'
import type { Entry } from './entries.ts'
import { Broken, type Expect } from './expect.ts'
import { MessageChecker } from './message-checker.ts'
import type { TestNode } from './test-node.ts'

interface Committed {
  readonly term: number
  readonly id: string
  /** The term of the leader that committed it. */
  readonly commitTerm: number
}

/** What a step must not take back. */
export interface Before {
  readonly now: number
  readonly term: number
  readonly commit: number
  readonly applied: number
  readonly snapshot: number
  readonly last: number
  readonly role: Readonly<TestNode['rules']['role']>
  readonly configuration: Configuration
  readonly matches: ReadonlyMap<string, number>
}

/** Watches all nodes, across crashes, for what Raft promises. */
export class Checker {
  /** Allows a node to step back: its state was made by hand and is wrong (Q7, #697). */
  allowsStepsBack = false
  /** Looks on: the scenario begins where no cluster should be. */
  off = false
  /** Requests are made by hand: the leaders that they come from, and their logs, are nowhere. */
  scripted = false
  readonly #expect: Expect = (holds, name, text) => {
    if (!holds && !this.off) throw new Broken(`${name}: ${text}`)
  }
  readonly callers = new Callers(this.#expect)
  readonly messages = new MessageChecker(this.#expect)
  readonly #nodes: ReadonlyMap<string, TestNode>
  /** Those whose disk was taken away: what others think of them may be wrong. */
  readonly #wiped = new Set<TestNode>()
  readonly #entries = new Map<string, { readonly id: string; readonly previousTerm: number }>()
  readonly committed: (Committed | undefined)[] = []
  readonly #states: (number | undefined)[] = [0]
  /** The newest configuration that is committed anywhere. */
  configurationIndex = 0
  commits = 0

  constructor(nodes: ReadonlyMap<string, TestNode>) {
    this.#nodes = nodes
  }

  started(node: TestNode): void {
    const { rules } = node
    this.#own(node)
    this.#expect(rules.term >= node.disk.vote.term, 'S3', `${node.id} starts in an older term`)
    this.#logsAgree(node)
  }

  crashed(node: TestNode): void {
    this.callers.crashed(node)
  }

  /** Another server has taken the name: what its namesake voted does not bind it. */
  wiped(node: TestNode): void {
    this.#wiped.add(node)
    this.messages.wiped(node)
  }

  before(node: TestNode, now: number): Before {
    const { rules } = node
    const { role } = rules
    const matches = new Map<string, number>()
    if (role.kind === 'leader') for (const [id, { match }] of role.progress) matches.set(id, match)
    return {
      now,
      term: rules.term,
      commit: rules.commitIndex,
      applied: rules.appliedIndex,
      snapshot: rules.snapshot.index,
      last: rules.lastIndex,
      role,
      configuration: rules.latestConfiguration.configuration,
      matches,
    }
  }

  /** The rules have taken an event; its effects are still to be carried out. */
  ruled(node: TestNode, before: Before): void {
    const leads = node.rules.role.kind === 'leader'
    if (leads && node.rules.role !== before.role) this.#elected(node)
  }

  after(node: TestNode, event: Event, effects: readonly Effect[], before: Before): void {
    const { rules } = node
    this.#own(node)
    this.#expect(rules.term >= before.term, 'S3', `the term of ${node.id} falls`)
    const takenBack = effects.some((effect) => effect.type === 'note' && effect.note.name === 'restore-taken-back')
    if (!this.allowsStepsBack && !takenBack) {
      this.#expect(rules.commitIndex >= before.commit, 'S15', `the commit index of ${node.id} falls`)
      this.#expect(rules.appliedIndex >= before.applied, 'S15', `the applied index of ${node.id} falls`)
      this.#expect(rules.snapshot.index >= before.snapshot, 'S15', `the snapshot of ${node.id} steps back`)
    }
    const { role } = rules
    if (role.kind === 'leader') {
      this.#stillLeads(node, before, effects)
      this.#progress(node, role)
    }
    this.#commits(node, event, effects, before)
    if (effects.some(({ type }) => type === 'persist' || type === 'compact')) this.#logsAgree(node)
    if (event.type === 'elapsed') {
      this.#expect(rules.deadline > before.now, 'L9', `${node.id} wants to be woken at once, again and again`)
    }
    this.messages.taken(node, event, effects)
  }

  #own(node: TestNode): void {
    const broken = brokenInvariant(node.rules)
    if (broken !== undefined) throw new Broken(`${node.id}: ${broken}`)
  }

  /** The rules' idea of the log is the node's own, and configurations come from nowhere else (S11). */
  #logsAgree(node: TestNode): void {
    const { memory, rules } = node
    const { snapshot } = rules
    const last = memory.last === 0 ? snapshot : { index: memory.last, term: memory.get(memory.last)!.term }
    const same = rules.lastIndex === last.index && rules.lastTerm === last.term
    this.#expect(same, 'log', `${node.id} ends at ${last.index}/${last.term}, not ${rules.lastIndex}/${rules.lastTerm}`)
    if (memory.last > 0) this.#expect(rules.firstIndex === memory.first, 'log', `${node.id} begins at ${memory.first}`)
    for (const { index, term } of memory.all) {
      this.#expect(rules.termAt(index) === term, 'log', `entry ${index} of ${node.id} has term ${term}`)
    }
    const newest = memory.configurations.findLast(({ index }) => index > snapshot.index)
    if (newest === undefined) return
    this.#expect(rules.latestConfiguration.index === newest.index, 'S11', `${node.id} uses an old configuration`)
  }

  #elected(node: TestNode): void {
    const { rules } = node
    const { term } = rules
    this.messages.elected(node)
    // Whose vote is taken by a change that is not committed may have to lead until it is (thesis 4.2.2).
    const { configuration, index } = rules.latestConfiguration
    const entitled = hasVote(configuration, node.id) || index > rules.commitIndex
    this.#expect(entitled, 'S12', `${node.id} leads without a vote`)
    for (let at = rules.snapshot.index + 1; at < this.committed.length; at++) {
      const entry = this.committed[at]
      if (entry === undefined || entry.commitTerm >= term) continue
      this.#expect(rules.termAt(at) === entry.term, 'S6', `leader ${node.id} of ${term} lacks committed ${at}`)
    }
  }

  #stillLeads(node: TestNode, before: Before, effects: readonly Effect[]): void {
    const { rules } = node
    const { role } = rules
    if (role !== before.role || role.kind !== 'leader') return
    this.#expect(rules.lastIndex >= before.last, 'S14', `leader ${node.id} removes entries`)
    this.#expect(rules.term === before.term, 'S3', `leader ${node.id} changes its term`)
    const lost = effects.some((effect) => effect.type === 'note' && effect.note.name === 'follower-lost-entries')
    this.#expect(!lost || this.allowsStepsBack, 'S10', `leader ${node.id} thinks that a follower has lost entries`)
    for (const [id, match] of before.matches) {
      const progress = role.progress.get(id)
      const fell = progress !== undefined && progress.match < match && progress.match !== 0
      this.#expect(!fell, 'S10', `what ${node.id} knows of ${id} falls`)
    }
  }

  /** A follower in the same term holds what its leader thinks that it holds (S10). */
  #progress(node: TestNode, role: Leader): void {
    for (const [id, { match }] of role.progress) {
      const follower = this.#nodes.get(id)
      if (match === 0 || follower === undefined || this.#wiped.has(follower)) continue
      if (follower.disk.vote.term > node.rules.term) continue
      const term = node.rules.termAt(match)
      if (term === undefined) continue
      this.#expect(follower.disk.holds(match, term), 'S10', `${node.id} thinks that ${id} holds ${match}`)
    }
  }

  /** Follows the commit index through a step, with the configuration in force each time it rises. */
  #commits(node: TestNode, event: Event, effects: readonly Effect[], before: Before): void {
    let { commit, configuration, role } = before
    for (const effect of effects) {
      if (effect.type === 'leadership-lost') role = node.rules.role
      if (effect.type !== 'note') continue
      const { note } = effect
      if (note.name === 'state-changed') role = node.rules.role
      if (note.name === 'configuration-appended') configuration = note.configuration
      if (note.name !== 'commit-advanced') continue
      this.#commitRose(node, event, { ...before, commit, configuration, role }, note.index)
      commit = note.index
    }
    const fell = node.rules.commitIndex < commit
    this.#expect(fell || commit === node.rules.commitIndex, 'S8', `${node.id} commits without a note`)
  }

  #commitRose(node: TestNode, event: Event, before: Before, commitIndex: number): void {
    const { rules } = node
    const { configuration } = before
    const office = before.role
    if (office.kind === 'leader') {
      this.#expect(rules.termAt(commitIndex) === before.term, 'S8', `${node.id} commits an entry of an older term`)
      const voters = votersOf(configuration)
      const holders = voters.filter(({ id }) =>
        id === node.id ? rules.durableIndex >= commitIndex : (office.progress.get(id)?.match ?? 0) >= commitIndex,
      )
      this.#expect(holders.length * 2 > voters.length, 'S8', `${node.id} commits ${commitIndex} without a majority`)
    } else if (event.type === 'append-requested') {
      const bound = Math.min(event.leaderCommit, event.prevIndex + event.entries.length)
      this.#expect(commitIndex <= bound, 'S8', `${node.id} commits ${commitIndex}, beyond ${bound}`)
    }
    for (let index = before.commit + 1; index <= commitIndex; index++) {
      const entry = node.memory.get(index)
      if (entry !== undefined) this.#commit(node, entry, configuration)
    }
  }

  #commit(node: TestNode, entry: Entry, configuration: Configuration): void {
    const known = this.committed[entry.index]
    const { rules } = node
    if (known !== undefined) {
      const same = known.term === entry.term && known.id === entry.id
      this.#expect(same, 'S8', `${node.id} commits ${entry.id} at ${entry.index}, where ${known.id} is committed`)
      return
    }
    this.commits += 1
    if (entry.configuration !== undefined) this.configurationIndex = Math.max(this.configurationIndex, entry.index)
    this.committed[entry.index] = { term: entry.term, id: entry.id, commitTerm: rules.term }
    const voters = votersOf(configuration)
    const holders = voters.filter(({ id }) => this.#nodes.get(id)?.disk.holds(entry.index, entry.term) ?? true)
    const held = holders.length * 2 > voters.length
    this.#expect(held || this.scripted, 'S5', `${entry.index} is committed and not durable on a majority`)
  }

  applied(node: TestNode, entry: Entry): void {
    const { index } = entry
    const committed = this.committed[index]
    const same = committed?.term === entry.term && committed.id === entry.id
    this.#expect(same, 'S13', `${node.id} applies ${entry.id} at ${index}, which is not what is committed`)
    this.#expect(node.disk.holds(index, entry.term), 'S13', `${node.id} applies ${index} before it is durable`)
    const known = this.#states[index]
    this.#expect(known === undefined || known === node.fsm.state, 'S13', `the state of ${node.id} differs at ${index}`)
    this.#states[index] = node.fsm.state
  }

  appends(node: TestNode, entry: Entry): void {
    const { index, term, id, configuration } = entry
    const previousTerm = index === 1 ? 0 : (node.memory.get(index - 1)?.term ?? node.rules.termAt(index - 1))
    const known = this.#entries.get(`${index}/${term}`)
    if (known === undefined && previousTerm !== undefined) this.#entries.set(`${index}/${term}`, { id, previousTerm })
    else if (known !== undefined) {
      const same = known.id === id && (previousTerm === undefined || known.previousTerm === previousTerm)
      this.#expect(same, 'S4', `${node.id} has another ${index}/${term} than others`)
    }
    if (configuration !== undefined && node.rules.role.kind === 'leader') this.#changes(node, index, configuration)
  }

  #changes(node: TestNode, index: number, configuration: Configuration): void {
    checkConfiguration(configuration)
    const { rules } = node
    const before = node.memory.configurations.at(-1) ?? rules.configurationAt(index - 1)
    this.#expect(before.index <= rules.commitIndex, 'S11', `${node.id} changes what is not committed`)
    this.#expect(rules.termAt(rules.commitIndex) === rules.term, 'S11', `${node.id} changes before it committed`)
    const old = new Set(votersOf(before.configuration).map(({ id }) => id))
    const fresh = new Set(votersOf(configuration).map(({ id }) => id))
    const differing = [...old, ...fresh].filter((id) => old.has(id) !== fresh.has(id)).length
    this.#expect(differing <= 1, 'S11', `${node.id} changes ${differing} voters at once`)
  }

  truncates(node: TestNode, from: number): void {
    this.#expect(node.rules.role.kind !== 'leader', 'S14', `leader ${node.id} removes ${from}`)
  }

  /** Entries are gone from a disk. Those that are committed may go only where a leader of an older term still rules. */
  removed(node: TestNode, entries: readonly Entry[]): void {
    for (const { index, term } of entries) {
      const committed = this.committed[index]
      if (committed === undefined || committed.term !== term || node.disk.holds(index, term)) continue
      const allowed = node.disk.vote.term < committed.commitTerm
      this.#expect(allowed, 'S5', `${node.id} removes ${index}, which is committed`)
    }
  }
}
