import { deepEqual, equal } from 'node:assert/strict'
import { type Configuration, type Log, LogType } from '@raft/core'
import { encodeConfiguration } from '@raft/core/wire'
import { describe, test } from 'vitest'
import { AnswerChecks } from '../../src/checks/answer-checks.ts'
import { HandedOut } from '../../src/checks/handed-out.ts'
import { Ledger } from '../../src/checks/ledger.ts'
import { MessageChecks } from '../../src/checks/message-checks.ts'
import { NodeChecks } from '../../src/checks/node-checks.ts'
import { OpenCalls } from '../../src/checks/open-calls.ts'
import { ReadChecks } from '../../src/checks/read-checks.ts'
import { SnapshotChecks, snapshotHead } from '../../src/checks/snapshot-checks.ts'
import { Violations } from '../../src/checks/violations.ts'
import type { WatchedServer } from '../../src/checks/watched-server.ts'
import type { SimulatedTransport } from '../../src/world/simulated-transport.ts'
import { SimulatedClock } from '../../src/index.ts'
import { concatBytes } from '../../src/bytes.ts'

const header = { protocolVersion: 3 }

function members(...ids: readonly string[]): Configuration {
  return { servers: ids.map((id) => ({ suffrage: 'Voter', id, address: `at ${id}` })) }
}

/** A server of which only this is known. */
function server(id: string, inspection: object = {}): WatchedServer {
  return { id, address: `at ${id}`, life: 1, isDamaged: false, inspection } as unknown as WatchedServer
}

function entry(index: number, text: string, type: LogType = LogType.Command): Log {
  return { index, term: 1, type, data: new TextEncoder().encode(text) }
}

/** A ledger with these entries committed, of which everything was asked for. */
function ledgerWith(violations: Violations, logs: readonly Log[]): Ledger {
  const ledger = new Ledger(violations)
  ledger.store(logs, 0, 'a')
  for (const { index, term, type, data } of logs) {
    if (type === LogType.Command) ledger.issue(data!)
    ledger.commit({ index, term, during: term }, 'a')
  }
  return ledger
}

interface Planted {
  readonly rule: string
  readonly what: string
  /** Does it as it should be, and then, if asked, as it must not be. */
  readonly play: (violations: Violations, broken: boolean) => void | Promise<void>
}

const planted: readonly Planted[] = [
  {
    rule: 'L6',
    what: 'a transfer that does not end in time',
    play: async (violations, broken) => {
      const clock = new SimulatedClock()
      const calls = new OpenCalls({ server: 'a', violations, clock })
      let end = (): void => {}
      const transfer = new Promise<void>((resolve) => (end = resolve))
      const watched = calls.watch('transfer', transfer, 1_000)
      equal(calls.count('transfer'), 1)
      await clock.advance(broken ? 1_001 : 999)
      end()
      await watched
      await clock.advance(10_000)
    },
  },
  {
    rule: 'L7',
    what: 'a call that outlives its node',
    play: async (violations, broken) => {
      const calls = new OpenCalls({ server: 'a', violations, clock: new SimulatedClock() })
      const call = calls.watch('apply', broken ? new Promise(() => {}) : Promise.reject(new Error('shut down')))
      if (!broken) await call.catch(() => {})
      calls.checkEnded()
    },
  },
  {
    rule: 'R2',
    what: 'a read confirmed by an answer to what was sent before it',
    play: (violations, broken) => readOf(violations, broken ? 'before' : 'after'),
  },
  {
    rule: 'R2',
    what: 'a read confirmed by an answer of another term',
    play: (violations, broken) => readOf(violations, broken ? 'of another term' : 'after'),
  },
  {
    rule: 'R2',
    what: 'a read confirmed by a member without a vote',
    play: (violations, broken) => readOf(violations, broken ? 'of a learner' : 'after'),
  },
  {
    rule: 'R1',
    what: 'a read from a state without what was acknowledged before',
    play: (violations, broken) => {
      const ledger = ledgerWith(violations, [entry(1, 'x'), entry(2, 'y')])
      ledger.acknowledge(2, entry(2, 'y').data!)
      const reads = new ReadChecks(ledger, violations)
      const alone = server('a', { term: 1, latestConfiguration: { index: 1, configuration: members('a') } })
      reads.answering(reads.asked(alone)!, broken ? 1 : 2)
    },
  },
  {
    rule: 'L8',
    what: 'a snapshot that is installed over and over',
    play: (violations, broken) => {
      const answers = new AnswerChecks(violations)
      for (let time = 0; time < (broken ? 4 : 3); time++) {
        answers.answered(server('a', { term: 1 }), server('b'), {
          type: 'installSnapshot',
          command: {
            header,
            snapshotVersion: 1,
            term: 1,
            lastLogIndex: 9,
            lastLogTerm: 1,
            configurationIndex: 1,
            size: 1,
          },
          response: { header, term: 1, success: true },
        })
      }
    },
  },
  {
    rule: 'L8',
    what: 'a leader that is refused for ever',
    play: (violations, broken) => {
      const answers = new AnswerChecks(violations)
      for (let time = 0; time < 111; time++) {
        answers.answered(server('a', { term: 1, lastIndex: 10 }), server('b'), {
          type: 'appendEntries',
          command: { header, term: 1, prevLogEntry: 9, prevLogTerm: 1, leaderCommitIndex: 0 },
          response: { header, term: 1, lastLog: 9, success: !broken && time === 60, noRetryBackoff: true },
        })
      }
    },
  },
  {
    rule: 'L8',
    what: 'a term that opens twice',
    play: (violations, broken) =>
      void ledgerWith(violations, [entry(1, '', LogType.Noop), entry(2, '', broken ? LogType.Noop : LogType.Barrier)]),
  },
  {
    rule: 'S16',
    what: 'a snapshot with a membership that is not in force there',
    play: (violations, broken) => snapshotOf(violations, { members: members('a', broken ? 'c' : 'b') }),
  },
  {
    rule: 'S16',
    what: 'a snapshot whose bytes nobody has written',
    play: (violations, broken) => snapshotOf(violations, { forged: broken }),
  },
  {
    rule: 'S16',
    what: 'a snapshot that stands for a command that it lacks',
    play: (violations, broken) => snapshotOf(violations, { index: broken ? 3 : 2 }),
  },
  {
    rule: 'S16',
    what: 'a log of another history that is kept behind a snapshot',
    play: (violations, broken) => {
      const directory = { byID: () => undefined, byAddress: () => undefined }
      const checks = new NodeChecks(directory, new Ledger(violations), violations)
      const configuration = { index: 1, configuration: members('a') }
      const kept = server('a', {
        ...{ state: 'Follower', term: 3, firstIndex: 11, lastIndex: 12, commitIndex: 10, appliedIndex: 10 },
        ...{ latestConfiguration: configuration, committedConfiguration: configuration },
        snapshot: { index: 10, term: 3 },
        termAt: (index: number) => (index === 11 && broken ? 2 : 3),
      })
      checks.look(kept)
    },
  },
  {
    rule: 'S16',
    what: 'a snapshot ahead of all that is committed, when nobody asked for a restore',
    play: (violations, broken) => snapshotOf(violations, { index: 9, restored: !broken }),
  },
  {
    rule: 'S16',
    what: 'a snapshot ahead of all that is committed, on a server that did not lead in its term',
    play: (violations, broken) => snapshotOf(violations, { index: 9, restored: true, leader: broken ? 'b' : 'a' }),
  },
  {
    rule: 'S16',
    what: 'a snapshot of another term than the one that is committed there, when nobody asked for a restore',
    play: (violations, broken) => snapshotOf(violations, { index: 3, term: 2, restored: !broken }),
  },
  {
    rule: 'R2',
    what: 'a read that rests on the answer of a server without a vote, whose address a voter has by now',
    play: (violations, broken) => readAcrossMove(violations, broken ? 'd' : 'b', broken ? 'b' : 'd'),
  },
  {
    rule: 'S5',
    what: 'a restore that undoes what was committed in a later term',
    play: (violations, broken) => {
      const ledger = ledgerWith(violations, [entry(1, 'x')])
      ledger.store([{ ...entry(2, '', LogType.Noop), term: 2 }], 1, 'a')
      ledger.commit({ index: 2, term: 2, during: 2 }, 'a')
      ledger.restores.ask()
      const restore = { index: 10, term: broken ? 1 : 2 }
      ledger.restores.note({ ...restore, bytes: new Uint8Array(0) })
      ledger.commit({ index: 11, term: 2, during: 2 }, 'a', restore)
      equal(ledger.committedThrough, 11)
      equal(ledger.restores.epochs[0]!.index, 10)
    },
  },
  {
    rule: 'S8',
    what: 'a commit of what a restore has replaced, by whom the leader that restored had not replaced',
    play: (violations, broken) => {
      const ledger = ledgerWith(violations, [entry(1, 'x')])
      ledger.restores.ask()
      const restore = { index: 10, term: 3 }
      ledger.restores.note({ ...restore, bytes: new Uint8Array(0) })
      ledger.commit({ index: 11, term: 3, during: 3 }, 'a', restore)
      ledger.commit({ index: 2, term: 2, during: broken ? 3 : 2 }, 'b')
    },
  },
  {
    rule: 'S19',
    what: 'a command that nobody asked for',
    play: (violations, broken) => {
      const ledger = new Ledger(violations)
      ledger.store([entry(1, 'x')], 0, 'a')
      if (!broken) ledger.issue(entry(1, 'x').data!)
      ledger.commit({ index: 1, term: 1, during: 1 }, 'a')
    },
  },
  {
    rule: 'S19',
    what: 'a command that happens twice',
    play: (violations, broken) => {
      const ledger = ledgerWith(violations, [entry(1, 'x')])
      if (!broken) ledger.issue(entry(1, 'x').data!)
      ledger.store([entry(2, 'x')], 1, 'a')
      ledger.commit({ index: 2, term: 1, during: 1 }, 'a')
      ledger.close()
    },
  },
  {
    rule: 'S20',
    what: 'bytes that change after they were handed out',
    play: (violations, broken) => {
      const handedOut = new HandedOut(violations)
      const bytes = new Uint8Array(1)
      for (let time = 0; time < 8; time++) handedOut.note('an entry', () => bytes[0]!)
      if (broken) bytes[0] = 1
      handedOut.close()
    },
  },
]

/** Reads with a majority of two of three, of which one has answered somehow. */
function readOf(violations: Violations, answer: 'before' | 'after' | 'of another term' | 'of a learner'): void {
  const reads = new ReadChecks(new Ledger(violations), violations)
  const leader = leaderOfThree()
  const before = reads.sent()
  const read = reads.asked(leader)!
  const after = reads.sent()
  const term = answer === 'of another term' ? 1 : 2
  reads.answered(leader, answer === 'of a learner' ? 'd' : 'b', { term, order: answer === 'before' ? before : after })
  reads.answering(read, 0)
}

function leaderOfThree(): WatchedServer {
  return server('a', { term: 2, latestConfiguration: { index: 1, configuration: members('a', 'b', 'c') } })
}

/** Reads with the answer of a server whose address another one has by the time that it arrives. */
function readAcrossMove(violations: Violations, answering: string, later: string): void {
  const ledger = new Ledger(violations)
  const reads = new ReadChecks(ledger, violations)
  const leader = leaderOfThree()
  let holder = server(answering)
  const servers = { byID: () => undefined, byAddress: (at: string) => (at === leader.address ? leader : holder) }
  const answers = new AnswerChecks(violations)
  const handedOut = new HandedOut(violations)
  const voteOf = (): { term: number; candidate: undefined } => ({ term: 2, candidate: undefined })
  const messages = new MessageChecks({ servers, ledger, violations, reads, answers, handedOut, voteOf })
  const [from, to] = ['somewhere', leader.address].map((localAddress) => ({ localAddress }) as SimulatedTransport)
  const read = reads.asked(leader)!
  const positions = { prevLogEntry: 0, prevLogTerm: 0, leaderCommitIndex: 0 }
  const command = { header, term: 2, ...positions }
  const response = { header, term: 2, lastLog: 0, success: true, noRetryBackoff: false }
  const exchange = { type: 'appendEntries', command, response } as const
  const sent = reads.sent()
  const answered = messages.responding({ ...exchange, from: from!, to: to!, error: undefined, noted: undefined })
  holder = server(later)
  messages.answered({ ...exchange, asked: answering, answered, to: to!, sent })
  reads.answering(read, 0)
}

/** Saves a snapshot at 2, which has the command of 2, in a history with one more at 3. */
function snapshotOf(
  violations: Violations,
  { members: configuration = members('a', 'b'), forged = false, index = 2, term = 1, restored = false, leader = 'a' },
): void {
  const change = { ...entry(1, '', LogType.Configuration), data: encodeConfiguration(members('a', 'b')) }
  const ledger = ledgerWith(violations, [change, entry(2, 'x'), entry(3, 'y')])
  const checks = new SnapshotChecks(ledger, violations)
  if (restored) ledger.restores.ask()
  ledger.lead(term, leader)
  const bytes = concatBytes([snapshotHead(2), Uint8Array.of(1, 2, 3)])
  const sink = checks.watch({ id: 's', write: () => {}, close: () => {}, cancel: () => {} })
  void sink.write(bytes)
  void sink.close()
  const meta = {
    id: 's',
    version: 1,
    index,
    term,
    configuration,
    configurationIndex: 1,
    size: bytes.length,
  } as const
  checks.saved('a', { meta, bytes: forged ? concatBytes([snapshotHead(2), Uint8Array.of(9)]) : bytes, rotten: false })
}

describe('each check is silent where all is well, and finds what is planted', () => {
  for (const { rule, what, play } of planted) {
    test(`${rule}: ${what}`, async () => {
      for (const broken of [false, true]) {
        const violations = new Violations(() => 0)
        await play(violations, broken)
        deepEqual(
          [...new Set(violations.list.map((violation) => violation.rule))],
          broken ? [rule] : [],
          JSON.stringify(violations.list),
        )
      }
    })
  }
})
