import { isSchema, type JsonSchema } from '@mgx/contract/contract-document'

const WIDTH = 120

/** Returns the lines of a wrapped doc comment with an optional example; an empty list when there is no text. */
export function docComment(sentences: readonly string[], indent: string, example: readonly string[] = []): string[] {
  const words = sentences.filter(Boolean).join(' ').replaceAll('*/', '* /').split(' ').filter(Boolean)
  if (words.length + example.length === 0) return []
  const single = `${indent}/** ${words.join(' ')} */`
  if (example.length === 0 && single.length <= WIDTH) return [single]
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && `${indent} * ${last} ${word}`.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  if (example.length > 0) lines.push('@example', ...example)
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`]
}

/** Returns a field's description, its unit and, for a field that callers set (`taken`), its bounds and default. */
export function fieldDoc(schema: JsonSchema, taken: boolean): string[] {
  const core = withoutNull(schema)
  const told = sentence(schema.description ?? core.description ?? '')
  const unit = core.kind === 'instant' && !told.includes('ISO-8601') ? 'ISO-8601 UTC.' : ''
  if (!taken) return [told, unit]
  const bounds = boundsOf(core).filter((bound) => !told.includes(bound))
  const fallback =
    schema.default === undefined || schema.default === null ? '' : `Default: ${JSON.stringify(schema.default)}.`
  return [told, unit, ...bounds.map((bound) => `${bound}.`), fallback]
}

export const sentence = (text: string): string => (text === '' || /[.!?:]$/.test(text) ? text : `${text}.`)

function withoutNull(schema: JsonSchema): JsonSchema {
  const parts = schema.anyOf?.filter((part) => isSchema(part) && part.type !== 'null')
  return parts?.length === 1 ? (parts[0] as JsonSchema) : schema
}

function boundsOf(schema: JsonSchema): string[] {
  const count = (least: number | undefined, most: number | undefined, unit: string): string[] => {
    if (most !== undefined)
      return [least === undefined ? `At most ${number(most)}${unit}` : `${number(least)} to ${number(most)}${unit}`]
    return least === undefined ? [] : [`At least ${number(least)}${unit}`]
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    // Leave out the bounds of safe integers, which every integer has.
    const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum
    return count(schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum, most, '')
  }
  if (schema.type === 'array') return count(schema.minItems, schema.maxItems, ' items')
  return count(schema.minLength, schema.maxLength, ' characters')
}

const number = (value: number): string => value.toLocaleString('en-US')
