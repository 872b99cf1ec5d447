import { isRaftError } from '@raft/core'
import { describe, expect, test } from 'vitest'
import {
  decodeCount,
  decodeFrame,
  decodeHello,
  encodeCount,
  encodeFrame,
  encodeHello,
  FrameType,
} from '../src/frame.ts'

describe('frames', () => {
  const cases = [
    {
      type: FrameType.Open,
      own: true,
      stream: 1,
      payload: [],
      bytes: [0x81, 0, 0, 0, 1],
      why: 'the sender begins a stream',
    },
    {
      type: FrameType.Data,
      own: false,
      stream: 258,
      payload: [7, 8],
      bytes: [2, 0, 0, 1, 2, 7, 8],
      why: 'data the other way',
    },
    {
      type: FrameType.Reset,
      own: true,
      stream: 0xffffffff,
      payload: [],
      bytes: [0x84, 255, 255, 255, 255],
      why: 'the last number',
    },
  ]
  for (const { type, own, stream, payload, bytes, why } of cases) {
    test(`${why}: both ways`, () => {
      expect([...encodeFrame(type, own, stream, Uint8Array.from(payload))]).toEqual(bytes)
      const frame = decodeFrame(Uint8Array.from([99, ...bytes]).subarray(1))
      expect({ ...frame, payload: [...frame.payload] }).toEqual({ type, own, stream, payload })
    })
  }

  test('a number and a hello come back as they were', () => {
    expect(decodeCount(encodeCount(0xfffffffe))).toBe(0xfffffffe)
    expect(decodeHello(encodeHello('ws://höst:1/raft'))).toBe('ws://höst:1/raft')
  })

  const damaged: readonly { readonly why: string; readonly act: () => unknown }[] = [
    { why: 'an empty message', act: () => decodeFrame(new Uint8Array(0)) },
    { why: 'a cut header', act: () => decodeFrame(Uint8Array.of(1, 0, 0, 0)) },
    { why: 'an unknown type', act: () => decodeFrame(Uint8Array.of(6, 0, 0, 0, 1)) },
    { why: 'a short count', act: () => decodeCount(Uint8Array.of(1, 2, 3)) },
    { why: 'an empty hello', act: () => decodeHello(new Uint8Array(0)) },
    { why: 'a hello of another version', act: () => decodeHello(Uint8Array.of(2, 97)) },
    { why: 'a hello that is no text', act: () => decodeHello(Uint8Array.of(1, 0xff, 0xfe)) },
  ]
  for (const { why, act } of damaged) {
    test(`${why} is refused with a typed error`, () => {
      let caught: unknown
      try {
        act()
      } catch (error) {
        caught = error
      }
      expect(isRaftError(caught, 'ERR_RAFT_DECODE')).toBe(true)
    })
  }
})
