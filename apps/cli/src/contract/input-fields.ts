import { type DescribedProcedure, isSchema, type JsonSchema } from '@mgx/contract/contract-document'
import { describes, resolved, withoutNull } from './document.js'

/** What the text of an argument or option stands for. */
export type ValueKind = 'text' | 'usd' | 'integer' | 'number' | 'boolean' | 'instant' | 'list' | 'json'

/** One field of an input, as the command line takes it. */
export type InputField = {
  name: string
  /** The option without dashes: `prompt-tokens`. */
  flag: string
  kind: ValueKind
  schema: JsonSchema
  nullable: boolean
  /** Whether every form of the input requires it. */
  required: boolean
  description: string
  choices: readonly string[] | undefined
}

/** Returns the fields of an input; where it has several forms, those of all of them. */
export function inputFields({ input }: DescribedProcedure): InputField[] {
  const forms = formsOf(input)
  const names = new Set(forms.flatMap(({ properties }) => Object.keys(properties ?? {})))
  return [...names].map((name) => {
    const given = forms.map(({ properties }) => properties?.[name]).find(isSchema) ?? {}
    const { schema, nullable } = withoutNull(given)
    const kind = kindOf(schema)
    const words = kind === 'list' && isSchema(schema.items) ? resolved(schema.items).enum : schema.enum
    return {
      name,
      flag: flagOf(name),
      kind,
      schema,
      nullable,
      required: forms.every(({ required }) => required?.includes(name)),
      description: describes(given, schema),
      choices: words?.filter((word): word is string => typeof word === 'string'),
    }
  })
}

/** Returns the required fields that an input lacks, of the form that lacks the fewest. */
export function missingFields({ input }: DescribedProcedure, given: Record<string, unknown>): string[] {
  const lacks = formsOf(input).map(({ required = [] }) => required.filter((name) => given[name] === undefined))
  return lacks.reduce((fewest, each) => (each.length < fewest.length ? each : fewest))
}

/** `cachedPromptTokens` → `cached-prompt-tokens`. */
export const flagOf = (name: string): string => name.replaceAll(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()

function formsOf(input: JsonSchema): [JsonSchema, ...JsonSchema[]] {
  const schema = resolved(input)
  const [first, ...others] = (schema.anyOf ?? []).filter(isSchema).map(resolved)
  return first ? [first, ...others] : [schema]
}

function kindOf({ type, format, anyOf, items }: JsonSchema): ValueKind {
  if (Array.isArray(type) && type.includes('string') && type.includes('number')) return 'usd'
  if (type === 'integer' || type === 'number' || type === 'boolean') return type
  if (type === 'array') return isSchema(items) && resolved(items).type === 'string' ? 'list' : 'json'
  if (type === 'object') return 'json'
  if (format === 'date-time') return 'instant'
  return type === 'string' || anyOf ? 'text' : 'json'
}
