import { equal } from 'node:assert/strict'
import { test } from 'vitest'
import { Crc64 } from '../src/crc64.ts'

const hex = (...chunks: Uint8Array[]): string => {
  const checksum = new Crc64()
  for (const chunk of chunks) checksum.update(chunk)
  return Buffer.from(checksum.digest()).toString('hex')
}

test.each([
  ['', '0000000000000000'],
  ['123456789', '995dc9bbdf1939fa'],
  ['hello', '9b1edae5dbb937b1'],
])('of %j is %s', (text, expected) => {
  equal(hex(Buffer.from(text)), expected)
})

test('does not depend on how the bytes are cut', () => {
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, at) => (at * 89) & 0xff))
  const whole = hex(bytes)
  for (let cut = 0; cut <= bytes.length; cut++) equal(hex(bytes.subarray(0, cut), bytes.subarray(cut)), whole)
  equal(hex(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), whole)
})
