import { expect, test } from 'vitest'
import { LogPositions } from '../../../src/consensus/log-positions.ts'
import { Seeded } from '../harness/seeded.ts'

/** The same as a plain list of terms. */
class Plain {
  base = { index: 0, term: 0 }
  entries: { index: number; term: number }[] = []

  get first(): number {
    return this.entries[0]?.index ?? this.last + 1
  }

  get last(): number {
    return this.entries.at(-1)?.index ?? this.base.index
  }

  termAt(index: number): number | undefined {
    if (index === this.base.index) return this.base.term
    return index === 0 ? 0 : this.entries.find((entry) => entry.index === index)?.term
  }

  drop(gone: (index: number) => boolean): void {
    this.entries = this.entries.filter(({ index }) => !gone(index))
  }
}

/** One random change, to both. */
function change(random: Seeded, log: LogPositions, plain: Plain): void {
  const term = Math.max(log.lastTerm, 1) + (random.chance(0.2) ? 1 : 0)
  const index = random.between(Math.max(plain.base.index + 1, plain.first), plain.last + 1)
  switch (
    random.pick(['append', 'append', 'append', 'truncate', 'snapshot', 'compact', 'reset'] as const) ??
    'append'
  ) {
    case 'append': {
      const count = random.between(0, 3)
      for (let more = 0; more < count; more++) plain.entries.push({ index: plain.last + 1, term })
      return log.append(count, term)
    }
    case 'truncate':
      if (index > plain.last) return
      plain.drop((other) => other >= index)
      return log.truncateFrom(index)
    case 'snapshot': {
      const termThere = plain.termAt(index)
      if (index > plain.last || termThere === undefined) return
      plain.base = { index, term: termThere }
      return log.rebase(plain.base)
    }
    case 'compact': {
      const through = random.between(0, plain.base.index)
      plain.drop((other) => other <= through)
      return log.compactThrough(through)
    }
    case 'reset': {
      if (random.chance(0.7)) return
      plain.base = { index: plain.last + random.between(1, 5), term }
      plain.entries = []
      return log.reset(plain.base)
    }
  }
}

test('runs of terms say the same as a list of them', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Seeded(seed)
    const log = new LogPositions({ index: 0, term: 0 }, { first: 1, last: 0, runs: [] })
    const plain = new Plain()
    for (let step = 0; step < 60; step++) {
      change(random, log, plain)
      const where = `seed ${seed}, step ${step}`
      expect([log.firstIndex, log.lastIndex, log.lastTerm], where).toEqual([
        plain.first,
        plain.last,
        plain.entries.at(-1)?.term ?? plain.base.term,
      ])
      for (let index = 0; index <= plain.last + 2; index++) expect(log.termAt(index), where).toBe(plain.termAt(index))
      checkRuns(log, plain, random)
    }
  }
})

function checkRuns(log: LogPositions, plain: Plain, random: Seeded): void {
  if (plain.entries.length === 0) return
  const from = random.between(plain.first, plain.last)
  const through = random.between(from, plain.last)
  const runs = log.runsBetween(from, through)
  expect(runs[0]?.first).toBe(from)
  for (let index = from; index <= through; index++) {
    expect(runs.findLast((run) => run.first <= index)?.term).toBe(plain.termAt(index))
  }
  expect(log.runs.length).toBeLessThanOrEqual(new Set(plain.entries.map(({ term }) => term)).size)
}

test('what the constructor is given is what it says', () => {
  const runs = [
    { first: 3, term: 1 },
    { first: 5, term: 4 },
  ]
  const log = new LogPositions({ index: 4, term: 1 }, { first: 3, last: 6, runs })
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((index) => log.termAt(index))).toEqual([
    0,
    undefined,
    undefined,
    1,
    1,
    4,
    4,
    undefined,
  ])
  expect(log.last).toEqual({ index: 6, term: 4 })
})

test('an empty log ends with the snapshot', () => {
  const log = new LogPositions({ index: 9, term: 3 }, { first: 1, last: 0, runs: [] })
  expect([log.firstIndex, log.lastIndex, log.lastTerm]).toEqual([10, 9, 3])
  log.append(2, 4)
  expect([log.firstIndex, log.lastIndex, log.termAt(10)]).toEqual([10, 11, 4])
})

const contradictions = [
  { at: { index: 0, term: 0 }, contradicts: false, why: 'the beginning is the same everywhere' },
  { at: { index: 2, term: 1 }, contradicts: false, why: 'below what is known, of an older term than the snapshot' },
  { at: { index: 2, term: 3 }, contradicts: false, why: 'below what is known, of the term of the snapshot' },
  { at: { index: 2, term: 4 }, contradicts: true, why: 'below the snapshot, and newer than it' },
  { at: { index: 4, term: 2 }, contradicts: false, why: 'it is here' },
  { at: { index: 4, term: 3 }, contradicts: true, why: 'another is here' },
  { at: { index: 5, term: 3 }, contradicts: false, why: "it is the snapshot's last" },
  { at: { index: 5, term: 2 }, contradicts: true, why: "the snapshot's last is another" },
  { at: { index: 7, term: 3 }, contradicts: false, why: 'it is here' },
  { at: { index: 7, term: 4 }, contradicts: true, why: 'another is here' },
  { at: { index: 9, term: 1 }, contradicts: false, why: 'nothing is here' },
]

test.each(contradictions)('$at.index/$at.term: $why', ({ at, contradicts }) => {
  const runs = [
    { first: 4, term: 2 },
    { first: 5, term: 3 },
  ]
  const log = new LogPositions({ index: 5, term: 3 }, { first: 4, last: 8, runs })
  expect(log.contradicts(at)).toBe(contradicts)
})
