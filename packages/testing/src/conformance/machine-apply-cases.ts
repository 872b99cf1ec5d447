import { equal, ok } from 'node:assert/strict'
import { LogType } from '@raft/core'
import { bytesHash } from '../checks/content-hash.ts'
import { readable, textOf } from '../state-machine/value-text.ts'
import { SeededRandom } from '../world/random.ts'
import { type ConformanceCase } from './case.ts'
import { type Copy, type StateMachineSubject } from './machine-subject.ts'

async function refusal(subject: StateMachineSubject, { fsm, time }: Copy): Promise<Error> {
  const data = subject.options.refused!()
  const log = { index: subject.logs.length + 1, term: 1, type: LogType.Command, data }
  let answers: readonly unknown[]
  try {
    answers = await time.run(() => subject.give(fsm, [log]))
  } catch (error) {
    throw new Error(
      `apply of ${readable(data)} threw, which stops every node; an Error that is an answer is returned`,
      {
        cause: error,
      },
    )
  }
  ok(answers[0] instanceof Error, `the answer to ${readable(data)} is an Error, not ${textOf(answers[0])}`)
  return answers[0]
}

/** How commands are applied. */
export const machineApplyCases: readonly ConformanceCase<StateMachineSubject>[] = [
  {
    name: 'answers the same commands alike in every copy, whatever the time is there',
    async run(subject) {
      for (const name of ['the first copy', 'the second copy', 'the third copy']) {
        const copy = await subject.copy(name)
        for (let index = 0; index < subject.logs.length; index += 25) {
          const through = Math.min(index + 25, subject.logs.length)
          await subject.apply(copy, index + 1, through)
          await subject.compare(copy, through)
        }
      }
    },
  },
  {
    name: 'applies batches of any size as it applies each command alone',
    async exempt(subject) {
      const { fsm } = await subject.copy('a copy that is only looked at')
      return fsm.applyBatch === undefined ? 'it has no applyBatch' : undefined
    },
    async run(subject) {
      const alone = await subject.copy('a copy that is given each command alone')
      await subject.apply(alone, 1, subject.logs.length)
      await subject.compare(alone, subject.logs.length)
      const batched = await subject.copy('a copy that is given batches')
      const random = new SeededRandom(subject.options.seed ?? 1, 'batches')
      for (let at = 0; at < subject.logs.length;) {
        const logs = subject.logs.slice(at, (at += random.integer(1, 40)))
        const answers = await batched.time.run(() => batched.fsm.applyBatch!(logs))
        equal(answers.length, logs.length, 'applyBatch gives one answer for each entry')
        for (const [position, { index }] of logs.entries()) {
          subject.check(subject.journal.answer(index, answers[position], batched.witness))
        }
      }
      await subject.compare(batched, subject.logs.length)
    },
  },
  {
    name: 'leaves the bytes of the commands as they are',
    async run(subject) {
      const before = subject.logs.map(({ data }) => bytesHash(data))
      await subject.apply(await subject.copy('a copy'), 1, subject.logs.length)
      for (const [at, { data, index }] of subject.logs.entries()) {
        equal(
          bytesHash(data),
          before[at],
          `the bytes of command ${index} are shared with the log: copy what you change`,
        )
      }
    },
  },
  {
    name: 'returns an Error that is an answer, the same in every copy, and goes on',
    exempt: ({ options }) => (options.refused === undefined ? 'no command that is refused was given' : undefined),
    async run(subject) {
      const texts: string[] = []
      for (const name of ['the first copy', 'the second copy']) {
        const copy = await subject.copy(name)
        await subject.apply(copy, 1, subject.half)
        texts.push(textOf(await refusal(subject, copy)))
        await subject.apply(copy, subject.half + 1, subject.logs.length)
      }
      equal(texts[1], texts[0], 'two copies refuse it with the same Error')
    },
  },
]
