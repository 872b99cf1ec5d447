import { equal, notEqual } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { imageDifference, textDifference } from '../../src/state-machine/state-image.ts'
import { readable, textOf } from '../../src/state-machine/value-text.ts'

describe('a value as text', () => {
  class Point {
    x = 1
  }
  const loop: { self?: unknown; twice?: unknown } = {}
  loop.self = loop
  loop.twice = { loop }
  const cases: readonly (readonly [why: string, value: unknown, text: string])[] = [
    ['a text is quoted', 'a"b', '"a\\"b"'],
    ['zeros have signs', [0, -0], '[0, -0]'],
    ['what JSON cannot say', [undefined, NaN, 1n, Symbol('s')], '[undefined, NaN, 1n, Symbol(s)]'],
    ['an object shows its class', [new Point(), { x: 1 }, {}], '[Point { x: 1 }, { x: 1 }, {}]'],
    ['a Map and a Set in their order', [new Map([['b', 1]]), new Set([2, 1])], '[Map {"b" => 1}, Set {2, 1}]'],
    ['a Buffer is bytes', [Buffer.from('a'), Uint8Array.of(97)], '[Uint8Array 61, Uint8Array 61]'],
    ['times', [new Date(0), new Date(NaN)], '[Date 1970-01-01T00:00:00.000Z, Date invalid]'],
    [
      'an Error without its stack',
      Object.assign(new RangeError('far', { cause: 'x' }), { code: 7 }),
      'RangeError: far { code: 7 } (cause: "x")',
    ],
    ['what contains itself', loop, '{ self: [what is 1 levels above], twice: { loop: [what is 2 levels above] } }'],
  ]
  for (const [why, value, text] of cases) test(why, () => equal(textOf(value), text))

  test('the order of keys counts', () => notEqual(textOf({ a: 1, b: 2 }), textOf({ b: 2, a: 1 })))
})

test('bytes are shown as text if they are one', () => {
  equal(readable(Buffer.from('add 1')), '`add 1`')
  equal(readable(Buffer.from('a'.repeat(9)), 4), '`aaaa…`')
  equal(readable(Uint8Array.of(0, 255)), '00ff (bytes)')
  equal(readable(undefined), 'nothing')
})

test('a difference says where it is, and whether only the order differs', () => {
  equal(textDifference('a', 'a'), undefined)
  equal(imageDifference({ bytes: Buffer.from('abc') }, { bytes: Buffer.from('abc') }), undefined)
  equal(
    imageDifference({ bytes: Buffer.from('abc') }, { bytes: Buffer.from('abcd') }),
    '3 and 4 bytes, which differ from byte 3 on: around it `abc` and `abcd`',
  )
  equal(
    textDifference('[1, 2]', '[2, 1]'),
    '[1, 2] and [2, 1] (the same parts in another order: look at the order of a Map, a Set or the keys of an object)',
  )
})
