import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { usd } from './index.js'

const nano = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
const decimal = (value: bigint) => {
  const size = value < 0n ? -value : value
  return `${value < 0n ? '-' : ''}${size / 1_000_000_000n}.${(size % 1_000_000_000n).toString().padStart(9, '0')}`
}

describe('usd', () => {
  test('adds exactly where floats do not', () => {
    expect(usd.add('0.1', '0.2')).toBe('0.3')
    expect(usd.add(0.1, 0.2)).toBe('0.3')
    expect(usd.add(...Array<number>(1000).fill(0.1))).toBe('100')
    expect(usd.add()).toBe('0')
  })

  test('reads a number as its shortest decimal form, rounded half-even to nine decimals', () => {
    expect(usd.add(0.024842499999999997)).toBe('0.0248425')
    expect(usd.add(1e-9)).toBe('0.000000001')
  })

  test('subtracts below zero', () => {
    expect(usd.subtract('1', '0.1')).toBe('0.9')
    expect(usd.subtract('1', '2.5')).toBe('-1.5')
  })

  test('compares amounts, not strings', () => {
    expect(usd.compare('1.50', '1.5')).toBe(0)
    expect(['10', '9', '0.5'].sort(usd.compare)).toEqual(['0.5', '9', '10'])
  })

  test.each([
    ['1234.5', undefined, '$1,234.50'],
    ['0', undefined, '$0.00'],
    ['0.0248425', undefined, '$0.0248425'],
    ['1000000', undefined, '$1,000,000.00'],
    ['-1.5', undefined, '-$1.50'],
    ['0.125', 2, '$0.12'],
    ['0.135', 2, '$0.14'],
    ['999.999', 0, '$1,000'],
    ['-0.001', 2, '$0.00'],
    ['3', 9, '$3.000000000'],
  ])('formats %s with %s decimals as %s', (amount, decimals, text) => {
    expect(usd.format(amount, decimals)).toBe(text)
  })

  test('gives the nearest number', () => {
    expect(usd.toNumber('0.1')).toBe(0.1)
  })

  test.each(['', 'abc', '1e5', '0.1234567891', ' 1', 'NaN', Number.NaN, Number.POSITIVE_INFINITY, 1e12])(
    'rejects %s',
    (amount) => {
      expect(() => usd.add(amount)).toThrow(RangeError)
    },
  )

  test('rejects decimals outside 0 to 9', () => {
    for (const decimals of [-1, 10, 1.5, Number.NaN]) expect(() => usd.format('1', decimals)).toThrow(RangeError)
  })

  test('matches integer arithmetic', () => {
    fc.assert(
      fc.property(nano, nano, (a, b) => {
        const [x, y] = [decimal(a), decimal(b)]
        expect(usd.compare(usd.add(x, y), decimal(a + b))).toBe(0)
        expect(usd.compare(usd.subtract(x, y), decimal(a - b))).toBe(0)
        expect(usd.compare(x, y)).toBe(a < b ? -1 : a > b ? 1 : 0)
        expect(usd.add(usd.subtract(x, y), y)).toBe(usd.add(x))
      }),
    )
  })
})
