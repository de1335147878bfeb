import { type DescribedProcedure, exampleOf, isSchema } from '@mgx/contract/contract-document'
import { $defs } from './document.js'
import { flagOf } from './input-fields.js'

/**
 * Returns an example of a command from that of its procedure: `mgx costs list 1`. Undefined when the contract has too few
 * examples.
 */
export function commandExample(
  path: string,
  { input }: DescribedProcedure,
  { positional, left }: { positional: readonly string[]; left: readonly string[] },
): string | undefined {
  const value = exampleOf(input, (name) => $defs[name])
  if (!isSchema(value)) return undefined
  const fields = value as Record<string, unknown>
  const args = positional.filter((name) => fields[name] !== undefined).map((name) => quoted(fields[name]))
  const options = Object.entries(fields)
    .filter(([name]) => !positional.includes(name) && !left.includes(name))
    .map(([name, each]) => (each === true ? `--${flagOf(name)}` : `--${flagOf(name)} ${quoted(each)}`))
  return ['mgx', path, ...args, ...options].join(' ')
}

/** Returns a value as a word of a shell. */
function quoted(value: unknown): string {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  const text = isList ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /^[\w.,:@/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
