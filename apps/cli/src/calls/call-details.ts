import type { CommandArgument, CommandDetails, CommandOption } from '../command.js'
import { procedureOf, resolved } from '../contract/document.js'
import { commandExample } from '../contract/example.js'
import { argumentOf, callFields, isPaged, optionsOf } from './call-fields.js'
import type { CallDeclaration } from './declaration.js'

/** What `runs list` and all other commands that list rows accept. */
const PAGING: CommandOption[] = [
  { flags: '--limit <number>', description: 'how many rows to print (default: 50)' },
  { flags: '--all', description: 'print all rows' },
]

/** Returns what a declared command takes, read off the contract. */
export function callDetails(path: string, declaration: CallDeclaration): CommandDetails {
  const { procedure, confirm } = declaration
  const described = procedureOf(procedure)
  const { positional, options } = callFields(declaration)
  const { arguments: args, options: derived } = argumentsAndOptions(declaration)
  const names = positional.map(({ field }) => field.name)
  const taken = [...names, ...options.map(({ name }) => name)]
  const fields = Object.keys(resolved(described.input).properties ?? {})
  const left = fields.filter((name) => !taken.includes(name))
  const example = commandExample(path, described, { positional: names, left })
  return {
    arguments: args,
    options: [
      ...derived,
      ...(isPaged(procedure) ? PAGING : []),
      ...(confirm ? [{ flags: '-y, --yes', description: `${confirm} without being asked` }] : []),
    ],
    examples: example ? [`${example}${confirm ? ' --yes' : ''}`] : [],
  }
}

/** Returns the arguments and options of the fields alone. */
export function argumentsAndOptions(declaration: CallDeclaration): {
  arguments: CommandArgument[]
  options: CommandOption[]
} {
  const { positional, options } = callFields(declaration)
  return {
    arguments: positional.map(({ field, required }) => argumentOf(field, required)),
    options: options.flatMap(optionsOf),
  }
}
