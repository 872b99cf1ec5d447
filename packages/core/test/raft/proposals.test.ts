import { expect, test } from 'vitest'
import { AbortWatch } from '../../src/raft/abort-watch.ts'
import { Deadlines } from '../../src/raft/deadlines.ts'
import { Proposal } from '../../src/raft/proposal.ts'
import { Proposals, type ProposalsOptions } from '../../src/raft/proposals.ts'
import { RaftShutdownError } from '../../src/types/errors.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import { ManualClock } from './harness/manual-clock.ts'

interface Made {
  readonly proposals: Proposals
  readonly clock: ManualClock
  /** How many commands were announced together. */
  readonly announced: number[]
}

function make(options: Partial<ProposalsOptions> = {}): Made {
  const clock = new ManualClock()
  const announced: number[] = []
  const proposals = new Proposals({
    clock,
    deadlines: new Deadlines(clock),
    aborts: new AbortWatch(),
    maxPendingBytes: 1_000,
    buffered: 0,
    later: (task) => queueMicrotask(task),
    announce: (count) => announced.push(count),
    ...options,
  })
  return { proposals, clock, announced }
}

function command(bytes = 1): Proposal {
  return new Proposal(LogType.Command, new Uint8Array(bytes), undefined)
}

/** One command that became the entry 5 of term 2. */
async function submitted(): Promise<Made & { proposal: Proposal; logs: readonly Log[] }> {
  const made = make()
  const { proposals, clock } = made
  const proposal = command()
  proposals.add(proposal, {})
  await clock.settle()
  const logs = proposals.submit({ first: 5, count: 1, term: 2 }, clock.now(), clock.wallTime())
  return { ...made, proposal, logs }
}

test('commands that come together are announced together, without waiting for the end of the turn', async () => {
  const { proposals, announced } = make()
  for (let at = 0; at < 3; at++) proposals.add(command(), {})
  expect(announced).toEqual([])
  await Promise.resolve()
  expect(announced).toEqual([3])
})

test('after several that came together, those that come wait for the end of the turn', async () => {
  const { proposals, clock, announced } = make()
  for (let at = 0; at < 3; at++) proposals.add(command(), {})
  await clock.settle()
  proposals.submit({ first: 1, count: 3, term: 1 }, 0, clock.wallTime())
  for (let index = 1; index <= 3; index++) proposals.takeApplied(index, 1)
  proposals.add(command(), {})
  await Promise.resolve()
  expect(announced).toEqual([3])
  await clock.settle()
  expect(announced).toEqual([3, 1])
})

test('while commands are on their way, those that come wait for the end of the turn', async () => {
  const { proposals, clock, announced } = await submitted()
  proposals.add(command(), {})
  await Promise.resolve()
  proposals.add(command(), {})
  await Promise.resolve()
  expect(announced).toEqual([1])
  await clock.settle()
  expect(announced).toEqual([1, 2])
})

test('callers who go on at once leave time for the sockets', async () => {
  const { proposals, clock, announced } = make()
  const round = async (index: number): Promise<void> => {
    proposals.add(command(), {})
    await Promise.resolve()
    if (announced.length < index) return
    proposals.submit({ first: index, count: 1, term: 1 }, 0, clock.wallTime())
    proposals.takeApplied(index, 1)
  }
  for (let index = 1; index <= 5; index++) await round(index)
  expect(announced).toEqual([1, 1, 1, 1])
  await clock.settle()
  expect(announced).toEqual([1, 1, 1, 1, 1])
})

test('a caller gets the answer of the entry that its command became', async () => {
  const { proposals, proposal, logs } = await submitted()
  expect(logs).toMatchObject([{ index: 5, term: 2 }])
  expect(proposals.takeApplied(5, 2)).toBe(proposal)
})

test('what another leader put in its place answers nobody, and the caller learns that it is lost', async () => {
  const { proposals, proposal } = await submitted()
  const lost = expect(proposal.promise).rejects.toMatchObject({ code: 'ERR_RAFT_LEADERSHIP_LOST', outcome: 'unknown' })
  expect(proposals.takeApplied(5, 3)).toBeUndefined()
  await lost
})

test('an entry that no caller waits for answers nobody', async () => {
  const { proposals } = await submitted()
  expect(proposals.takeApplied(4, 2)).toBeUndefined()
})

test('many commands are announced in several parts, each of a size that is good to write', async () => {
  const { proposals, clock, announced } = make({ maxPendingBytes: 64 * 1_048_576 })
  for (let at = 0; at < 4_097; at++) proposals.add(command(), {})
  await clock.settle()
  for (let at = 0; at < 3; at++) proposals.add(command(600_000), {})
  await clock.settle()
  expect(announced).toEqual([4_096, 1, 2, 1])
})

test('what stops while parts are announced leaves no caller without an answer', async () => {
  const made = make({ announce: () => made.proposals.stop(new RaftShutdownError(), new RaftShutdownError()) })
  const all = Array.from({ length: 4_100 }, () => command())
  for (const proposal of all) made.proposals.add(proposal, {})
  const ends = Promise.allSettled(all.map((proposal) => proposal.promise))
  await made.clock.settle()
  expect(new Set((await ends).map(({ status }) => status))).toEqual(new Set(['rejected']))
})
