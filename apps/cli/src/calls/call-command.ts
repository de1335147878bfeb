import type { Command, CommandOption } from '../command.js'
import { firstSentence, procedureOf } from '../contract/document.js'
import { commandExample } from '../contract/example.js'
import { argumentOf, callFields, isPaged, optionsOf } from './call-fields.js'
import type { CallDeclaration } from './declaration.js'

/** What `runs list` and all other commands that list rows accept. */
const PAGING: CommandOption[] = [
  { flags: '--limit <number>', description: 'how many rows to print (default: 50)' },
  { flags: '--all', description: 'print all rows' },
]

/** Returns the command of a declaration; `path` is what people type: `runs list`. */
export function callCommand(path: string, declaration: CallDeclaration): Command {
  const { procedure, summary, fixed = {}, confirm } = declaration
  const described = procedureOf(procedure)
  const { positional, options } = callFields(declaration)
  const names = positional.map(({ field }) => field.name)
  const kept = [...names, ...options.map(({ name }) => name)]
  const left = [
    ...Object.keys(fixed),
    ...Object.keys(described.input.properties ?? {}).filter((n) => !kept.includes(n)),
  ]
  const example = commandExample(path, described, { positional: names, left })
  return {
    summary: summary ?? firstSentence(described.description),
    arguments: positional.map(({ field, required }) => argumentOf(field, required)),
    options: [
      ...options.flatMap(optionsOf),
      ...(isPaged(procedure) ? PAGING : []),
      ...(confirm ? [{ flags: '-y, --yes', description: `${confirm} without being asked` }] : []),
    ],
    shares: 'results',
    examples: example ? [`${example}${confirm ? ' --yes' : ''}`] : [],
    async run(invocation) {
      const { runCall } = await import('./run-call.js')
      return runCall(declaration, invocation)
    },
  }
}

/** Returns the commands of a group, all of which are calls. */
export const callCommands = (
  group: string,
  declarations: Readonly<Record<string, CallDeclaration>>,
): Record<string, Command> =>
  Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [name, callCommand(`${group} ${name}`, declaration)]),
  )
