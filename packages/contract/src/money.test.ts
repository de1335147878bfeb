import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { divideHalfEven, formatUsd, MAX_NANO_USD, nanoFromNumber, parseUsd } from './money.js'

const nano = fc.bigInt({ min: -MAX_NANO_USD, max: MAX_NANO_USD })

/** Half-even rounding by its definition: compares the exact fraction with both neighbouring integers. */
function isNearestEven(quotient: bigint, dividend: bigint, divisor: bigint): boolean {
  const twiceOff = (quotient * divisor - dividend) * 2n
  const size = twiceOff < 0n ? -twiceOff : twiceOff
  return size < divisor || (size === divisor && quotient % 2n === 0n)
}

describe('decimal strings', () => {
  test('every amount survives formatting and parsing', () => {
    fc.assert(fc.property(nano, (amount) => parseUsd(formatUsd(amount)) === amount))
  })

  test('the format is canonical: no exponent, no trailing zeros, no minus zero', () => {
    fc.assert(fc.property(nano, (amount) => /^(-?(0|[1-9]\d*)\.\d{0,8}[1-9]|-?[1-9]\d*|0)$/.test(formatUsd(amount))))
  })

  test.each([
    ['0.025', 25_000_000n],
    ['3', 3_000_000_000n],
    ['3.000', 3_000_000_000n],
    ['-1.5', -1_500_000_000n],
    ['-0', 0n],
    ['0.000000001', 1n],
    ['9007199.254740992', 2n ** 53n],
  ])('%s is read exactly', (text, expected) => {
    expect(parseUsd(text)).toBe(expected)
  })

  test.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '.5',
    '5.',
    '1e3',
    '0x1',
    '1,5',
    'NaN',
    'Infinity',
    '١',
    '1_0',
    '--1',
    '0.0000000001',
    '0.0000000000',
  ])('%j is refused', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError)
  })

  test('an amount above 2^53 nano-USD is refused, never rounded', () => {
    expect(() => parseUsd('9007199.254740993')).toThrow(RangeError)
    expect(() => parseUsd('-9007199.254740993')).toThrow(RangeError)
    expect(() => parseUsd('9'.repeat(400))).toThrow(/must not exceed/)
  })
})

describe('numbers', () => {
  test('a number with at most nine decimals is converted exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9_000_000, max: 9_000_000 }),
        fc.integer({ min: 0, max: 9 }),
        (digits, decimals) => {
          const value = Number(`${digits}e-${decimals}`)
          return nanoFromNumber(value) === BigInt(digits) * 10n ** BigInt(9 - decimals)
        },
      ),
    )
  })

  test('any other number is rounded half-even from its shortest decimal representation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: 10, max: 25 }), (digits, decimals) => {
        const value = Number(`${digits}e-${decimals}`)
        const [mantissa = '', exponent = '0'] = String(value).split('e')
        const [whole = '', fraction = ''] = mantissa.split('.')
        const scale = BigInt(fraction.length) - BigInt(exponent)
        const dividend = BigInt(whole + fraction) * 10n ** 9n
        return isNearestEven(nanoFromNumber(value), dividend, 10n ** scale)
      }),
    )
  })

  test.each([
    [0.024842499999999997, 24_842_500n],
    [0.1, 100_000_000n],
    [5e-10, 0n],
    [1.5e-9, 2n],
    [2.5e-9, 2n],
    [-1.5e-9, -2n],
    [-0, 0n],
    [1e-320, 0n],
    [9007199.25, 9_007_199_250_000_000n],
  ])('%s becomes %s nano-USD', (value, expected) => {
    expect(nanoFromNumber(value)).toBe(expected)
  })

  test.each([Number.NaN, Infinity, -Infinity, 1e300, 9007199.26])('%s is refused', (value) => {
    expect(() => nanoFromNumber(value)).toThrow(RangeError)
  })
})

test('division rounds to the nearest, ties to even', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 80n }), fc.bigInt({ min: 1n, max: 2n ** 20n }), (dividend, divisor) =>
      isNearestEven(divideHalfEven(dividend, divisor), dividend, divisor),
    ),
  )
})
