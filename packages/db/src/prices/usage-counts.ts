import { invalidField } from '@mgx/contract'
import type { ArrayMatch, UsageExtractor } from '@pydantic/genai-prices'

const COUNT_HINT = 'must be a count, an integer from 0 to 2^53 - 1'

/**
 * Checks every count that `extractUsage` reads from a response body in this form, because it skips values that are not
 * numbers, and that part of the call would be free. Each count must be an integer from 0 to 2^53 - 1 in its place. The
 * prompt count is always required; other counts that the form does not require may be absent or null, as may the object
 * or list around them.
 * @throws DomainError `invalid_input` with the path of the count, or of the object or list that should contain it.
 */
export function requireCounts({ root, mappings }: UsageExtractor, body: object, within: readonly string[]): void {
  const prompt = mappings.find(({ dest }) => dest === 'input_tokens')
  for (const mapping of mappings) {
    const isRequired = mapping.required || mapping === prompt
    requireCount(body, [root, mapping.path].flat(), within, isRequired)
  }
}

/** Returns the path, in the input of the call, of the count of this kind; of the largest when several are summed. */
export function pathOfCount(
  { root, mappings }: UsageExtractor,
  body: object,
  kind: string,
  within: readonly string[],
): string | undefined {
  const [largest] = mappings
    .filter(({ dest }) => dest === kind)
    .flatMap(({ path }) => findCount(body, [root, path].flat(), within))
    .sort((one, other) => other.count - one.count)
  return largest?.path
}

/** Writes a path in the input of a call. */
export const countPath = (path: readonly unknown[]): string => path.join('.')

function requireCount(
  value: unknown,
  path: readonly (ArrayMatch | string)[],
  at: readonly (string | number)[],
  isRequired: boolean,
): void {
  const [step, ...rest] = path
  const isAbsent = value === undefined || value === null
  if (isAbsent && !isRequired) return
  if (step === undefined) {
    if (!isCount(value)) throw invalidField(countPath(at), COUNT_HINT)
  } else if (typeof step === 'string') {
    if (!isObject(value)) throw invalidField(countPath(at), 'must be an object')
    requireCount(value[step], rest, [...at, step], isRequired)
  } else {
    if (!Array.isArray(value)) throw invalidField(countPath(at), 'must be a list')
    requireNames(value, step, at)
    for (const [index, item] of value.entries()) requireCount(item, rest, [...at, index], false)
  }
}

/** Requires names to be unique strings: the library reads only the first item of a name, and none without one. */
function requireNames(items: readonly unknown[], { field }: ArrayMatch, at: readonly (string | number)[]): void {
  const names = new Set<string>()
  for (const [index, item] of items.entries()) {
    if (!isObject(item)) throw invalidField(countPath([...at, index]), 'must be an object')
    const name = item[field] ?? ''
    if (typeof name !== 'string') throw invalidField(countPath([...at, index, field]), 'must be a string')
    if (names.has(name.toLowerCase())) throw invalidField(countPath([...at, index, field]), 'must be unique')
    names.add(name.toLowerCase())
  }
}

function findCount(
  value: unknown,
  [step, ...rest]: readonly (ArrayMatch | string)[],
  at: readonly (string | number)[],
): { path: string; count: number }[] {
  if (step === undefined) return isCount(value) ? [{ path: countPath(at), count: value }] : []
  if (typeof step === 'string') return isObject(value) ? findCount(value[step], rest, [...at, step]) : []
  if (!Array.isArray(value)) return []
  const index = value.findIndex((item) => isObject(item) && isNamed(item[step.field], step.match))
  return index === -1 ? [] : findCount(value[index], rest, [...at, index])
}

/** Matches list items as the library does. */
const isNamed = (name: unknown, match: ArrayMatch['match']): boolean =>
  typeof name === 'string' && 'equals' in match && name.toLowerCase() === match.equals.toLowerCase()

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
