import { BreakdownLine, parseUsd } from '@mgx/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ChargedPart,
  type Part,
  parts,
  readCalculation,
  toBreakdown,
  totalOf,
  writeCalculation,
} from './breakdown.js'

const part = fc.constantFrom(...(Object.keys(parts) as Part[]))
const charged: fc.Arbitrary<ChargedPart[]> = fc.uniqueArray(
  fc.record({ part, units: fc.maxSafeNat(), rate: fc.bigInt({ min: 0n, max: 2n ** 53n }) }),
  { selector: (line) => line.part, maxLength: 18 },
)
const calculation = fc.record({
  provider: fc.option(fc.constantFrom('openai', 'x-ai')),
  serviceTier: fc.option(fc.constantFrom('batch', 'flex')),
  charged,
  unrated: fc.constantFrom([], [{ part: 'search' as const, units: 3 }]),
})

test('a cost is exact, rounded once to nano-USD, ties to even', () => {
  fc.assert(
    fc.property(charged, (lines) => {
      const millionths = lines.reduce(
        (sum, { part, units, rate }) => sum + BigInt(units) * rate * parts[part].scale,
        0n,
      )
      // |cost - exact| <= 1/2, and at exactly 1/2 the even neighbour.
      const twiceOff = 2n * (totalOf(lines) * 1_000_000n - millionths)
      expect(twiceOff >= -1_000_000n && twiceOff <= 1_000_000n).toBe(true)
      if (twiceOff === 1_000_000n || twiceOff === -1_000_000n) expect(totalOf(lines) % 2n).toBe(0n)
    }),
  )
})

test('half a nano-USD goes to the even neighbour', () => {
  const cost = (units: number) => totalOf([{ part: 'input', units, rate: 500_000n }])
  expect([1, 2, 3, 4, 5].map(cost)).toEqual([0n, 1n, 2n, 2n, 2n])
})

test('the amounts of a breakdown add up to the total, and each is within one nano-USD of its exact share', () => {
  const small = fc.uniqueArray(
    fc.record({ part, units: fc.nat(100_000), rate: fc.bigInt({ min: 0n, max: 10n ** 10n }) }),
    { selector: (line) => line.part, maxLength: 18 },
  )
  fc.assert(
    fc.property(small, (lines) => {
      const breakdown = toBreakdown({ provider: null, serviceTier: null, charged: lines, unrated: [] })
      expect(breakdown.map((line) => BreakdownLine.safeParse(line).success)).not.toContain(false)
      expect(breakdown.reduce((sum, { amount }) => sum + parseUsd(amount), 0n)).toBe(totalOf(lines))
      for (const { kind, units, rate, amount } of breakdown) {
        const scale = { request: 1_000_000n, search: 1_000n }[kind as 'request'] ?? 1n
        const off = parseUsd(amount) * 1_000_000n - BigInt(units) * parseUsd(rate) * scale
        expect(off > -1_000_000n && off < 1_000_000n).toBe(true)
      }
    }),
  )
})

test('a calculation is read as it was written', () => {
  fc.assert(
    fc.property(calculation, (each) => {
      expect(readCalculation(writeCalculation(each))).toEqual(each)
    }),
  )
})

test('parts of the same kind and rate are one line', () => {
  const lines: ChargedPart[] = [
    { part: 'output', units: 300, rate: 10_000_000_000n },
    { part: 'reasoning', units: 200, rate: 10_000_000_000n },
    { part: 'imageOutput', units: 100, rate: 40_000_000_000n },
  ]
  expect(toBreakdown({ provider: null, serviceTier: null, charged: lines, unrated: [] })).toEqual([
    { kind: 'output', units: 500, rate: '10', amount: '0.005' },
    { kind: 'output', units: 100, rate: '40', amount: '0.004' },
  ])
})
