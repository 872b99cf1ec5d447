import { expect, test } from 'vitest'
import { Histogram } from '../src/measure/histogram.ts'

test('a quantile is within half a per cent of the exact one, whatever the size', () => {
  for (const scale of [0.001, 1, 1_000]) {
    const histogram = new Histogram()
    for (let i = 1; i <= 10_000; i++) histogram.record((i * scale) / 10_000)
    for (const share of [0.01, 0.5, 0.99, 0.999]) {
      const exact = share * scale
      expect(Math.abs(histogram.quantile(share) - exact) / exact, `${share} of ${scale}`).toBeLessThan(0.005)
    }
  }
})

test('the longest is exact, and nothing is above it', () => {
  const histogram = new Histogram()
  for (const duration of [0, 0.25, 3.14159]) histogram.record(duration)
  expect(histogram.max).toBe(3.14159)
  expect(histogram.quantile(1)).toBe(3.14159)
  expect(histogram.count).toBe(3)
})

test('a histogram of nothing answers 0', () => {
  expect(new Histogram().quantile(0.99)).toBe(0)
})

test('outliers are seen by the quantile that they belong to', () => {
  const histogram = new Histogram()
  for (let i = 0; i < 98; i++) histogram.record(1)
  histogram.record(50)
  histogram.record(50)
  expect(histogram.quantile(0.98)).toBeCloseTo(1, 2)
  expect(histogram.quantile(0.99)).toBeCloseTo(50, 0)
})
