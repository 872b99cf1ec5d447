import type { IndexedConfiguration, Inspection, Position, Server } from '@raft/core'
import { configurationComplaint, votersOf } from './configurations.ts'
import type { Ledger } from './ledger.ts'
import type { Violations } from './violations.ts'
import { durableTerm, holds, type ServerDirectory, type WatchedServer } from './watched-server.ts'

/** What a node was like when it was last looked at. */
interface Seen {
  readonly life: number
  leading: boolean
  term: number
  commit: number
  applied: number
  snapshot: Position
  last: number
  configuration: IndexedConfiguration
  readonly matches: Map<string, number>
}

/** Looks at nodes after each event: at those that did something, and there at what has changed. */
export class NodeChecks {
  readonly #servers: ServerDirectory
  readonly #ledger: Ledger
  readonly #violations: Violations
  readonly #seen = new Map<WatchedServer, Seen>()

  constructor(servers: ServerDirectory, ledger: Ledger, violations: Violations) {
    this.#servers = servers
    this.#ledger = ledger
    this.#violations = violations
  }

  /** Looks at a server on which something has run. */
  look(server: WatchedServer): void {
    const { inspection } = server
    if (inspection === undefined) return
    const seen = this.#lastSeen(server, inspection)
    this.#checkOrder(server, inspection, seen)
    // Whoever commits that it is no voter any more leads no longer by the time that one can look.
    const led = inspection.state === 'Leader' || (seen.leading && seen.term === inspection.term)
    if (inspection.term !== seen.term) seen.leading = false
    seen.term = inspection.term
    this.#checkLeadership(server, inspection, seen)
    if (inspection.snapshot.index !== seen.snapshot.index) this.#checkKeptLog(server, inspection)
    if (inspection.commitIndex > seen.commit) this.#checkCommit(server, inspection, seen, led)
    if (inspection.latestConfiguration.index !== seen.configuration.index)
      this.#checkConfiguration(server, inspection, seen)
    seen.commit = inspection.commitIndex
    seen.applied = inspection.appliedIndex
    seen.snapshot = { index: inspection.snapshot.index, term: inspection.snapshot.term }
    seen.last = inspection.lastIndex
    seen.configuration = inspection.latestConfiguration
  }

  #lastSeen(server: WatchedServer, inspection: Inspection): Seen {
    const known = this.#seen.get(server)
    if (known !== undefined && known.life === server.life) return known
    const seen: Seen = {
      life: server.life,
      leading: false,
      term: 0,
      commit: 0,
      applied: 0,
      snapshot: { index: 0, term: 0 },
      last: 0,
      configuration: inspection.latestConfiguration,
      matches: new Map(),
    }
    this.#seen.set(server, seen)
    return seen
  }

  /** What never falls, and what never overtakes what (S3, S13, S15). */
  #checkOrder({ id }: WatchedServer, now: Inspection, seen: Seen): void {
    const violations = this.#violations
    violations.expect(now.term >= seen.term, 'S3', () => `the term of ${id} falls from ${seen.term} to ${now.term}`)
    // From a restore that was not committed a server goes back, to what it had before or to what its leader has.
    const { restores } = this.#ledger
    const goesBack = restores.has(seen.snapshot) && now.snapshot.index !== seen.snapshot.index
    const fall = (name: string, before: number, after: number): void => {
      const text = (): string => `the ${name} index of ${id} falls from ${before} to ${after}`
      violations.expect(after >= before || goesBack, 'S15', text)
    }
    fall('commit', seen.commit, now.commitIndex)
    fall('applied', seen.applied, now.appliedIndex)
    fall('snapshot', seen.snapshot.index, now.snapshot.index)
    if (restores.has(now.snapshot) && now.commitIndex < now.snapshot.index) return
    const { appliedIndex, commitIndex, lastIndex, snapshot } = now
    violations.expect(
      appliedIndex <= commitIndex,
      'S13',
      () => `${id} has applied ${appliedIndex} and committed ${commitIndex}`,
    )
    violations.expect(
      commitIndex <= lastIndex,
      'S5',
      () => `${id} has committed ${commitIndex} and its log ends at ${lastIndex}`,
    )
    violations.expect(
      snapshot.index <= commitIndex,
      'S16',
      () => `${id} has a snapshot at ${snapshot.index} and committed ${commitIndex}`,
    )
    const gap = now.firstIndex > snapshot.index + 1 && now.lastIndex >= now.firstIndex
    violations.expect(
      !gap,
      'S17',
      () => `${id} has a gap between its snapshot at ${snapshot.index} and its log from ${now.firstIndex}`,
    )
  }

  #checkLeadership(server: WatchedServer, now: Inspection, seen: Seen): void {
    if (now.state !== 'Leader') {
      seen.leading = false
      return
    }
    if (!seen.leading) {
      seen.leading = true
      seen.matches.clear()
      this.#ledger.lead(now.term, server.id)
      this.#checkComplete(server, now)
    } else {
      const text = (): string =>
        `the log of ${server.id}, which leads in term ${now.term}, falls from ${seen.last} to ${now.lastIndex}`
      this.#violations.expect(now.lastIndex >= seen.last, 'S14', text)
    }
    this.#checkMatches(server, now, seen)
  }

  /** A new leader has what was committed in earlier terms (S6). Later ones may have committed more: it is about to lose. */
  #checkComplete(server: WatchedServer, now: Inspection): void {
    for (let index = now.snapshot.index + 1; index <= this.#ledger.committedThrough; index++) {
      const committed = this.#ledger.committed(index)!
      if (committed.during >= now.term || now.termAt(index) === committed.term) continue
      const text = `${server.id} leads in term ${now.term} without entry ${index} of term ${committed.term}, committed in term ${committed.during}`
      return this.#violations.report('S6', text)
    }
  }

  /** What a leader believes of others is true (S10). */
  #checkMatches(server: WatchedServer, now: Inspection, seen: Seen): void {
    for (const [id, { match, next }] of now.progress ?? []) {
      const before = seen.matches.get(id) ?? 0
      if (match === before) continue
      seen.matches.set(id, match)
      if (match < before) continue
      this.#violations.expect(next > match, 'S10', () => `${server.id} will send ${next} to ${id}, which has ${match}`)
      const peer = this.#servers.byID(id)
      const term = now.termAt(match)
      if (peer === undefined || peer.isDamaged || term === undefined || match === 0) continue
      // It may have gone on to follow another leader by the time that its answer arrives.
      const moved = peer.inspection === undefined || peer.inspection.term > now.term
      const text = (): string =>
        `${server.id} believes that ${id} has entry ${match} of term ${term}; its disk has ${durableTerm(peer, match) ?? 'nothing'} there`
      this.#violations.expect(moved || holds(peer, match, term), 'S10', text)
    }
  }

  /** The commit index has risen (S8, S5). */
  #checkCommit(server: WatchedServer, now: Inspection, seen: Seen, led: boolean): void {
    let first = 0
    for (let index = Math.max(seen.commit, now.snapshot.index) + 1; index <= now.commitIndex; index++) {
      const term = now.termAt(index)
      if (term === undefined)
        return this.#violations.report('S17', `${server.id} commits entry ${index}, which it does not have`)
      if (this.#ledger.commit({ index, term, during: now.term }, server.id, now.snapshot)) first ||= index
    }
    this.#checkSnapshot(server, now)
    // A leader that cannot take its restore back keeps it when it loses its office, as if it had been sent it.
    if (now.commitIndex === now.snapshot.index && this.#ledger.restores.isProvisional(now.snapshot)) return
    if (led) this.#checkQuorum(server, now, seen)
    else
      this.#violations.expect(first === 0, 'S8', () => `${server.id} follows and is the first to commit entry ${first}`)
  }

  /** A snapshot stands for what was committed (S16). */
  #checkSnapshot({ id }: WatchedServer, { snapshot }: Inspection): void {
    const committed = this.#ledger.committed(snapshot.index)
    if (snapshot.index === 0 || committed === undefined || this.#ledger.restores.isProvisional(snapshot)) return
    const text = (): string =>
      `the snapshot of ${id} at ${snapshot.index} is of term ${snapshot.term}, not ${committed.term}`
    this.#violations.expect(committed.term === snapshot.term, 'S16', text)
  }

  /** What is kept of the log behind a snapshot goes on from it, and is not of another history (S16). */
  #checkKeptLog({ id }: WatchedServer, now: Inspection): void {
    const { snapshot } = now
    const next = now.termAt(snapshot.index + 1)
    const text = (): string =>
      `${id} keeps entry ${snapshot.index + 1} of term ${next} behind a snapshot of term ${snapshot.term}`
    this.#violations.expect(next === undefined || next >= snapshot.term, 'S16', text)
  }

  /** A leader commits an entry of its own term once a majority of the voters has it on disk (S8, S5, S12). */
  #checkQuorum(server: WatchedServer, now: Inspection, seen: Seen): void {
    const { commitIndex: index } = now
    const term = now.termAt(index)
    this.#violations.expect(
      term === now.term,
      'S8',
      () => `${server.id} commits entry ${index} of term ${term} in term ${now.term}`,
    )
    // It may have begun the next change in the same step, after it had counted by the one before.
    const rules = new Set([now.latestConfiguration, seen.configuration])
    const missing = [...rules].map(({ configuration }) => this.#missingFrom(votersOf(configuration), index, now.term))
    const text = (): string =>
      `${server.id} commits entry ${index}, which ${missing[0]!.join(', ')} do not have on disk`
    this.#violations.expect(missing.includes(undefined), 'S5', text)
  }

  /** Who lacks an entry, if so many do that it cannot be committed. */
  #missingFrom(voters: readonly Server[], index: number, term: number): readonly string[] | undefined {
    const missing = voters.filter(({ id }) => {
      const voter = this.#servers.byID(id)
      return voter === undefined || !(voter.isDamaged || holds(voter, index, term))
    })
    return missing.length * 2 < voters.length ? undefined : missing.map(({ id }) => id)
  }

  /** A leader changes one thing at a time (S11). */
  #checkConfiguration(server: WatchedServer, now: Inspection, seen: Seen): void {
    const { latestConfiguration: latest, committedConfiguration: committed } = now
    const text = (): string =>
      `${server.id} counts the configuration of ${committed.index} as committed at ${now.commitIndex}`
    this.#violations.expect(committed.index <= now.commitIndex, 'S11', text)
    const complaint = configurationComplaint(latest.configuration)
    if (complaint !== undefined)
      this.#violations.report('S11', `${server.id} has a configuration in which ${complaint}`)
    // The first look at a life shows what it found on disk.
    if (now.state !== 'Leader' || !seen.leading || seen.last === 0 || latest.index <= seen.last) return
    const before = seen.configuration
    const open = (): string =>
      `${server.id} changes the configuration at ${latest.index} before that of ${before.index} is committed`
    this.#violations.expect(before.index <= now.commitIndex, 'S11', open)
    const voters = new Set(votersOf(before.configuration).map(({ id }) => id))
    const after = votersOf(latest.configuration).map(({ id }) => id)
    const added = after.filter((id) => !voters.has(id)).length
    const removed = voters.size - (after.length - added)
    this.#violations.expect(
      added + removed <= 1,
      'S11',
      () => `${server.id} changes ${added + removed} voters at once at ${latest.index}`,
    )
  }
}
