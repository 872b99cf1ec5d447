import { equal, ok } from 'node:assert/strict'
import { test } from 'vitest'
import { Consensus } from '../../../src/consensus/consensus.ts'
import type { Effect } from '../../../src/consensus/effects.ts'
import type { Server } from '../../../src/types/configuration.ts'

const self = { id: 'a', address: 'a' }
const configuration = { servers: [{ suffrage: 'Voter' as const, ...self }] }
const settings = {
  self,
  protocolVersion: 3,
  heartbeatTimeout: 200,
  electionTimeout: 200,
  commitTimeout: 10,
  leaderLeaseTimeout: 100,
  maxAppendEntries: 64,
  trailingLogs: 10,
  preVote: true,
  toleratesGaps: true,
  removesSnapshots: true,
}

/** The newest write that was ordered. */
function lastWrite(effects: readonly Effect[]): number {
  return Math.max(0, ...effects.map((effect) => (effect.type === 'persist' ? effect.write : 0)))
}

// `since + twice the lease <= now` and `now - since >= twice the lease` are not the same in floating point: a node that
// asked for one and tested the other rang its alarm for ever at the same instant.
test('a deadline that has passed is followed by a later one, whatever is rounded', () => {
  let draw = 0.1
  for (let round = 0; round < 2_000; round++) {
    draw = (draw * 997.13 + 0.37) % 1
    const initial = {
      vote: { term: 1 },
      log: { first: 1, last: 1, runs: [{ first: 1, term: 1 }] },
      configurations: [{ configuration, index: 1 }],
      applied: 0,
    }
    const now = draw * 1_000
    const node = new Consensus({ settings, initial, random: () => draw, now })
    // It elects itself once its vote is durable; then its disk hangs.
    const effects = node.step(node.deadline, { type: 'elapsed' })
    node.step(node.deadline + draw, { type: 'persisted', write: lastWrite(effects) })
    for (let step = 0; step < 200; step++) {
      const { deadline } = node
      node.step(deadline, { type: 'elapsed' })
      ok(node.deadline > deadline, `at ${deadline}, with ${draw} drawn, the next deadline is ${node.deadline}`)
      if (node.state !== 'Leader') break
    }
  }
})

test('who is about to lose its vote waits twice as long between its attempts, so that those who keep theirs go first', () => {
  const voter = (id: string): Server => ({ suffrage: 'Voter', id, address: id })
  const [a, b, c] = [voter('a'), voter('b'), voter('c')]
  for (const [servers, patience] of [
    [[a, b, c], 1],
    [[b, c], 2],
  ] as const) {
    const initial = {
      vote: { term: 1 },
      log: { first: 1, last: 2, runs: [{ first: 1, term: 1 }] },
      configurations: [
        { configuration: { servers: [a, b, c] }, index: 1 },
        { configuration: { servers }, index: 2 },
      ],
      applied: 0,
    }
    const node = new Consensus({ settings, initial, random: () => 0, now: 0 })
    equal(node.deadline, settings.heartbeatTimeout)
    node.step(node.deadline, { type: 'elapsed' })
    equal(node.state, 'Candidate')
    equal(node.deadline, settings.heartbeatTimeout + patience * settings.electionTimeout)
  }
})
