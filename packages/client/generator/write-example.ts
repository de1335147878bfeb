import { exampleOf, isSchema, type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'
import { type Procedure, pathOf, takesInput } from './contract.js'
import { literal } from './type-text.js'

/** The longest example that fits on one line of a doc comment. */
const WIDTH = 115

/** An output with more fields than this is assigned to one variable instead of being destructured. */
const MOST_FIELDS = 5

type Types = ReadonlyMap<string, JsonSchema>

/** Returns an example call of the method, as lines; an empty list when the contract has too few examples for it. */
export function exampleLines(procedure: Procedure, types: Types): string[] {
  const { type, input, output } = procedure
  const value = takesInput(procedure) ? exampleOf(input, (name) => types.get(name)) : {}
  if (!isSchema(value)) return []
  const row = pageRow(output)
  const parts = row ? undefined : fewFields(output, types)
  const [name] = parts ?? [variableOf(row ?? output)]
  const answer = parts ? `{ ${parts.join(', ')} }` : name
  const isLoop = row !== undefined || type === 'subscription'
  const written = (argument: string): string => {
    const call = `mgx.${pathOf(procedure)}(${argument})`
    return isLoop ? `for await (const ${answer} of ${call}) console.log(${name})` : `const ${answer} = await ${call}`
  }
  const fields = fieldTexts(value)
  if (fields.length === 0) return [written('')]
  const single = written(`{ ${fields.join(', ')} }`)
  return single.length <= WIDTH
    ? [single]
    : written(['{', ...fields.map((field) => `  ${field},`), '}'].join('\n')).split('\n')
}

/** Returns the field names of an output with few fields, otherwise undefined. */
function fewFields(output: JsonSchema, types: Types): string[] | undefined {
  const fields = Object.keys(types.get(refName(output) ?? '')?.properties ?? {})
  return fields.length > 0 && fields.length <= MOST_FIELDS ? fields : undefined
}

/** `CostRecord` → `costRecord`. */
function variableOf(schema: JsonSchema): string {
  const name = refName(schema) ?? 'answer'
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  return isSchema(value) ? `{ ${fieldTexts(value).join(', ')} }` : literal(value)
}

const fieldTexts = (value: object): string[] =>
  Object.entries(value).map(([name, field]) => `${name}: ${valueText(field)}`)
