import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { invoices } from './invoices/index.js'

const ORDER = [
  'input',
  'cachedInput',
  'cacheWrite',
  'cacheWrite1h',
  'audioInput',
  'cachedAudioInput',
  'output',
  'audioOutput',
  'request',
  'search',
]

const named = invoices.map((invoice) => [invoice.name, invoice] as const)

/** Rates have at most this many decimals, so amounts in units of 10^-18 USD are exact. */
const DECIMALS = 12

/** Returns the decimal number times 10^`decimals`. */
function scaled(number: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = number.split('.')
  if (!/^\d+$/.test(whole) || !/^\d*$/.test(fraction) || fraction.length > decimals) throw new Error(`bad ${number}`)
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

const perUnit = (kind: string) => (kind === 'request' ? 10n ** 6n : kind === 'search' ? 10n ** 3n : 1n)

/** Rounds an amount in 10^-18 USD to nano-USD, ties to even. */
function nanos(amount: bigint): bigint {
  const unit = 10n ** 9n
  const [whole, rest] = [amount / unit, (amount % unit) * 2n]
  return rest > unit || (rest === unit && whole % 2n === 1n) ? whole + 1n : whole
}

test.each(named)('the lines of %s add up to its total', (_, { totalCost, expect: { lines } }) => {
  const sum = lines.reduce((total, [kind, units, rate]) => {
    return total + BigInt(units) * scaled(rate, DECIMALS) * perUnit(kind)
  }, 0n)
  expect(nanos(sum)).toBe(scaled(totalCost, 9))
  expect(totalCost).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
})

test.each(named)('the lines of %s count its tokens, each part once and in order', (_, { expect: told }) => {
  const units = (kinds: RegExp) => told.lines.reduce((sum, [kind, count]) => sum + (kinds.test(kind) ? count : 0), 0)
  expect(units(/input$|^cacheWrite/i)).toBe(told.promptTokens)
  expect(units(/^cached/)).toBe(told.cachedPromptTokens)
  expect(units(/output$/i)).toBe(told.completionTokens)
  const parts = told.lines.map(([kind, , rate]) => `${kind} at ${rate}`)
  expect(new Set(parts).size).toBe(parts.length)
  const places = told.lines.map(([kind]) => ORDER.indexOf(kind))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
  expect(told.lines.every(([, count]) => count > 0)).toBe(true)
})

test('every invoice has a name, a call and a sum of its own', () => {
  expect(new Set(invoices.map(({ name }) => name)).size).toBe(invoices.length)
  const same = invoices.flatMap((one, index) =>
    invoices.slice(index + 1).filter((other) => {
      return isDeepStrictEqual(one.input, other.input) || isDeepStrictEqual(one.expect, other.expect)
    }),
  )
  expect(same.map(({ name }) => name)).toEqual([])
})

test('there are at least sixty invoices', () => {
  expect(invoices.length).toBeGreaterThanOrEqual(60)
})
