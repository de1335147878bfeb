import type { Invocation } from '../command.js'
import { procedureOf } from '../contract/document.js'
import { flagOf, missingFields } from '../contract/input-fields.js'
import { readValue } from '../contract/read-value.js'
import { usageError } from '../exit-code.js'
import { argumentOf, callFields } from './call-fields.js'
import type { CallDeclaration } from './declaration.js'

/**
 * Returns the input of a call from the arguments and options of its command.
 * @throws CommandError for a value that the contract does not allow, and when a required one is missing.
 */
export async function readInput(
  declaration: CallDeclaration,
  { io, path, args, options }: Invocation,
): Promise<Record<string, unknown>> {
  const { positional, options: fields } = callFields(declaration)
  const input: Record<string, unknown> = { ...declaration.fixed }
  for (const [index, { field, required }] of positional.entries()) {
    const given = args[index]
    if (given === undefined) continue
    if (options[field.name] !== undefined)
      throw usageError(`${argumentOf(field, required).name} was given twice`, `See: mgx ${path} --help`)
    input[field.name] = await readValue(field, argumentOf(field, required).name.toUpperCase(), given, io)
  }
  for (const field of fields) {
    const given = options[field.name]
    if (given !== undefined) input[field.name] = await readValue(field, `--${field.flag}`, given, io)
  }
  const missing = missingFields(procedureOf(declaration.procedure), input)
  if (missing.length === 0) return input
  const flags = missing.map((name) => `--${flagOf(name)}`)
  throw usageError(`mgx ${path} needs ${flags.join(' and ')}`, `See: mgx ${path} --help`)
}
