import { pageRow } from '@mgx/contract/contract-document'
import type { CommandArgument, CommandOption } from '../command.js'
import { procedureOf, resolved } from '../contract/document.js'
import { flagOf, type InputField, inputFields } from '../contract/input-fields.js'
import type { CallDeclaration } from './declaration.js'

/** The fields of a call by where they come from; all others are options. */
export type CallFields = { positional: { field: InputField; required: boolean }[]; options: InputField[] }

/** Returns which fields of the input a command takes as arguments and which as options. */
export function callFields({ procedure, args = [], fixed = {}, options }: CallDeclaration): CallFields {
  const fields = inputFields(procedureOf(procedure))
  const positional = args.map((arg) => {
    const field = fields.find(({ name }) => name === arg.replace('?', ''))
    if (!field) throw new Error(`${procedure} has no field ${arg}`)
    return { field, required: !arg.endsWith('?') }
  })
  const taken = new Set([
    ...positional.filter(({ required }) => required).map(({ field }) => field.name),
    ...Object.keys(fixed),
    // Pages are the business of the command: `--limit` and `--all` count rows.
    ...(isPaged(procedure) ? ['limit'] : []),
  ])
  const isOption = ({ name }: InputField) => !taken.has(name) && (options?.includes(name) ?? true)
  return { positional, options: fields.filter(isOption) }
}

/** Whether a procedure returns a page of rows. */
export const isPaged = (procedure: string): boolean => pageRow(resolved(procedureOf(procedure).output)) !== undefined

/** Returns the argument of a field: `projectId` is `<project>`. */
export function argumentOf(field: InputField, required: boolean): CommandArgument {
  const name = flagOf(field.name).replace(/-id$/, '')
  return { name, required, description: field.description || idOf(field), ...choicesOf(field) }
}

/** Returns the options of a field; one that may be switched off has two. */
export function optionsOf(field: InputField): CommandOption[] {
  const { flag, kind, schema, required } = field
  const fallback =
    schema.default === undefined ? '' : ` (default: ${JSON.stringify(schema.default).replaceAll('"', '')})`
  const text = (field.description || idOf(field)).replace(/\.$/, '')
  const description = `${text}${required ? ' (required)' : ''}${text.includes('Default') ? '' : fallback}`
  if (kind === 'boolean') {
    const off = { flags: `--no-${flag}`, description: 'switch it off' }
    return [{ flags: `--${flag}`, description }, ...(schema.default === false ? [] : [off])]
  }
  const value = kind === 'list' ? '<a,b>' : `<${placeholders[kind]}>`
  return [
    { flags: `--${flag} ${value}`, description, ...choicesOf(field), ...(kind === 'list' && { repeatable: true }) },
  ]
}

const placeholders = {
  text: 'text',
  usd: 'usd',
  integer: 'number',
  number: 'number',
  instant: 'time',
  json: 'json',
} as const

const choicesOf = ({ choices }: InputField): { choices?: readonly string[] } => (choices ? { choices } : {})

/** Ids and names need no description in the contract; people who read help want one. */
function idOf({ name, flag }: InputField): string {
  const words = flag.replaceAll('-', ' ')
  return name === 'id' || name.endsWith('Id') ? idWords(words) : `The ${words}`
}

/** `project id` → `The id of the run`, because people call it that. */
function idWords(words: string): string {
  const owner = words.replace(/ ?id$/, '').replace('project', 'run')
  return owner === '' ? 'The id' : `The id of the ${owner}`
}
