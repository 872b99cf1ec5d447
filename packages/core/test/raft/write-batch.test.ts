import { expect, test } from 'vitest'
import { WriteBatch, type WriteJob } from '../../src/raft/write-batch.ts'
import { type Log, LogType } from '../../src/types/log.ts'

function logsOf(from: number, through: number, term: number): Log[] {
  const logs: Log[] = []
  for (let index = from; index <= through; index++) logs.push({ index, term, type: LogType.Command })
  return logs
}

/** What a store holds: the term of each index, and the vote. */
interface Held {
  readonly terms: Map<number, number>
  vote: number
}

function hold(held: Held, job: Omit<WriteJob, 'write'>): void {
  if (job.vote !== undefined) held.vote = job.vote.term
  if (job.clear === true) held.terms.clear()
  const { deleteFrom } = job
  if (deleteFrom !== undefined)
    for (const index of [...held.terms.keys()]) if (index >= deleteFrom) held.terms.delete(index)
  for (const { index, term } of job.logs) held.terms.set(index, term)
}

/** Numbers from [0, 1) that are the same every time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** Writes as the state machine orders them: at the end, after a removal, or after everything was removed. */
function randomJobs(random: () => number, last: number): WriteJob[] {
  const pick = (count: number): number => Math.floor(random() * count)
  const jobs: WriteJob[] = []
  let end = last
  for (let write = 1; write <= 1 + pick(8); write++) {
    const chance = random()
    const vote = random() < 0.3 ? { term: write } : undefined
    if (chance < 0.1) end += 10 + pick(3)
    const clear = chance < 0.1 ? true : undefined
    const deleteFrom = clear === undefined && chance < 0.4 && end > 0 ? Math.max(1, end - pick(6)) : undefined
    if (deleteFrom !== undefined) end = deleteFrom - 1
    const count = pick(4)
    jobs.push({ write, vote, clear, deleteFrom, logs: logsOf(end + 1, end + count, 100 + write) })
    end += count
  }
  return jobs
}

for (let seed = 1; seed <= 300; seed++) {
  test(`joined writes leave what they would one after the other: seed ${seed}`, () => {
    const random = generator(seed)
    const last = Math.floor(random() * 6)
    const before = (): Held => ({ terms: new Map(logsOf(1, last, 1).map(({ index, term }) => [index, term])), vote: 0 })
    const jobs = randomJobs(random, last)
    const [apart, joined] = [before(), before()]
    for (const job of jobs) hold(apart, job)
    const batch = new WriteBatch()
    for (const job of jobs) batch.add(job)
    hold(joined, batch)
    expect(joined).toEqual(apart)
    expect(batch.write).toBe(jobs.at(-1)!.write)
    // Stores take entries in ascending order only.
    const indexes = batch.logs.map((log) => log.index)
    expect(indexes).toEqual([...indexes].sort((left, right) => left - right))
  })
}

test('entries that are removed before they were written are not written', () => {
  const batch = new WriteBatch()
  batch.add({ write: 1, logs: logsOf(5, 7, 1) })
  batch.add({ write: 2, deleteFrom: 6, logs: logsOf(6, 6, 2) })
  expect(batch.deleteFrom).toBe(6)
  expect(batch.logs.map(({ index, term }) => `${index}:${term}`)).toEqual(['5:1', '6:2'])
})

test('a batch has room for one job of any size, then up to its limits', () => {
  const limits = { count: 4, bytes: 10 }
  const batch = new WriteBatch()
  expect(batch.hasRoomFor({ write: 1, logs: logsOf(1, 9, 1) }, limits)).toBe(true)
  batch.add({ write: 1, logs: logsOf(1, 3, 1) })
  expect(batch.hasRoomFor({ write: 2, logs: logsOf(4, 4, 1) }, limits)).toBe(true)
  expect(batch.hasRoomFor({ write: 2, logs: logsOf(4, 5, 1) }, limits)).toBe(false)
})
