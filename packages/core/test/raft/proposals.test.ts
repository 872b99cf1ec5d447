import { expect, test } from 'vitest'
import { AbortWatch } from '../../src/raft/abort-watch.ts'
import { Deadlines } from '../../src/raft/deadlines.ts'
import { Proposal } from '../../src/raft/proposal.ts'
import { Proposals } from '../../src/raft/proposals.ts'
import { type Log, LogType } from '../../src/types/log.ts'
import { ManualClock } from './harness/manual-clock.ts'

/** One command that became the entry 5 of term 2. */
async function submitted(): Promise<{ proposals: Proposals; proposal: Proposal; logs: readonly Log[] }> {
  const clock = new ManualClock()
  const parts = { clock, deadlines: new Deadlines(clock), aborts: new AbortWatch() }
  const proposals = new Proposals({ ...parts, maxPendingBytes: 1_000, buffered: 0, announce: () => undefined })
  const proposal = new Proposal(LogType.Command, new Uint8Array(1), undefined)
  proposals.add(proposal, {})
  await clock.settle()
  const logs = proposals.submit({ first: 5, count: 1, term: 2 }, clock.now(), clock.wallTime())
  return { proposals, proposal, logs }
}

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
