/** An amount of money in integer nano-USD (1 USD = 1,000,000,000). The only unit that is stored or summed. */
export type NanoUsd = bigint

export const NANO_PER_USD = 1_000_000_000n

/** The largest absolute amount: 2^53 nano-USD, about 9 million USD, exact in every JSON parser and SQLite driver. */
export const MAX_NANO_USD = 2n ** 53n

/** No valid amount has more digits: reject early instead of parsing a huge BigInt. */
const MAX_WHOLE_DIGITS = 20

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/

/**
 * Parses a decimal string of USD with up to nine decimals ("0.025", "3", "-1.5") into nano-USD, exactly.
 * @throws RangeError when the text is not such a string or its absolute value exceeds {@link MAX_NANO_USD}.
 */
export function parseUsd(text: string): NanoUsd {
  const match = DECIMAL.exec(text)
  if (!match) throw new RangeError('must be a decimal number of USD without exponent, such as "0.025"')
  const [, sign, whole = '', decimals = ''] = match
  if (whole.length > MAX_WHOLE_DIGITS) throw tooLarge()
  if (decimals.length > 9) throw new RangeError('must have at most nine decimals')
  return bounded(BigInt(`${sign}${whole}${decimals.padEnd(9, '0')}`))
}

/**
 * Converts a finite number of USD to nano-USD, rounded once, half-even. It rounds the number's shortest decimal
 * representation (what JSON carries), so 0.1 is exactly one tenth and not its binary approximation.
 * @throws RangeError when the number is not finite or its absolute value exceeds {@link MAX_NANO_USD}.
 */
export function nanoFromNumber(value: number): NanoUsd {
  const match = NUMBER.exec(String(value))
  if (!match) throw new RangeError('must be a finite number of USD')
  const [, sign, whole = '', decimals = '', exponent = '0'] = match
  const digits = BigInt(whole + decimals)
  const power = 9 - decimals.length + Number(exponent)
  const size = power >= 0 ? digits * 10n ** BigInt(power) : divideHalfEven(digits, 10n ** BigInt(-power))
  return bounded(sign ? -size : size)
}

/**
 * Divides two non-negative integers, rounding to the nearest, ties to the even quotient (banker's rounding, IEEE 754).
 */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const twice = (dividend % divisor) * 2n
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n)
  return up ? quotient + 1n : quotient
}

/** Formats nano-USD as the canonical decimal string of USD: no exponent, no trailing zeros, no "-0". */
export function formatUsd(nano: NanoUsd): string {
  const size = nano < 0n ? -nano : nano
  const decimals = (size % NANO_PER_USD).toString().padStart(9, '0').replace(/0+$/, '')
  const text = decimals ? `${size / NANO_PER_USD}.${decimals}` : `${size / NANO_PER_USD}`
  return nano < 0n ? `-${text}` : text
}

function bounded(nano: NanoUsd): NanoUsd {
  if (nano > MAX_NANO_USD || nano < -MAX_NANO_USD) throw tooLarge()
  return nano
}

function tooLarge(): RangeError {
  return new RangeError(`must not exceed ${formatUsd(MAX_NANO_USD)} USD`)
}
