import { expect, test } from 'vitest'
import { LogTail } from '../../src/raft/log-tail.ts'
import { type Log, LogType } from '../../src/types/log.ts'

const limits = { count: 3, bytes: 100 }

function logsOf(from: number, through: number, size: number): Log[] {
  const logs: Log[] = []
  for (let index = from; index <= through; index++) {
    logs.push({ index, term: 1, type: LogType.Command, data: new Uint8Array(size) })
  }
  return logs
}

function tailOf(logs: readonly Log[]): LogTail {
  const tail = new LogTail(limits)
  tail.append(logs)
  return tail
}

test('what the store has not yet stays in memory, however much it is', () => {
  const tail = tailOf(logsOf(1, 50, 100))
  tail.trim(0)
  expect(tail.first).toBe(1)
  tail.trim(20)
  expect([tail.first, tail.last, tail.get(20), tail.get(21)?.index]).toEqual([21, 50, undefined, 21])
})

test('of what the store has as much stays as the limits allow', () => {
  const many = tailOf(logsOf(1, 50, 1))
  many.trim(50)
  expect([many.first, many.last]).toEqual([48, 50])
  const large = tailOf(logsOf(1, 3, 60))
  large.trim(50)
  expect([large.first, large.last]).toEqual([3, 3])
})

test('what is removed no longer counts', () => {
  const tail = tailOf(logsOf(1, 3, 60))
  tail.truncateFrom(2)
  tail.trim(50)
  expect([tail.first, tail.last]).toEqual([1, 1])
  tail.clear()
  expect([tail.first, tail.last]).toEqual([0, 0])
})
