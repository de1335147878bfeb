import { isSchema, type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'
import { type Contract, type NamedType, pathOf } from './contract.js'
import { docComment, fieldDoc, sentence } from './doc-comment.js'
import { fieldText, type TypeText } from './type-text.js'

/** Returns the interface or type of one named schema, with doc comments, as lines. */
export function typeLines({ name, schema, side }: NamedType, contract: Contract, text: TypeText): string[] {
  const doc = docComment([sentence(schema.description ?? '') || usedBy(name, contract)], '')
  const taken = side === 'input'
  if (schema.properties) return [...doc, `export interface ${name} {`, ...fieldLines(schema, taken, text), '}']
  const parts = schema.oneOf ?? schema.anyOf
  if (parts)
    return [...doc, `export type ${name} =`, ...parts.flatMap((part) => formLines(part as JsonSchema, taken, text))]
  return [...doc, `export type ${name} = ${text(schema, taken)}`]
}

/** Returns the generic `Page<Row>`, derived from a page in the contract so that its fields are documented only there. */
export function pageLines(contract: Contract, text: TypeText): string[] {
  const page = contract.procedures.map(({ output }) => output).find((output) => pageRow(output))
  if (!page) return []
  const generic: JsonSchema = {
    ...page,
    properties: { ...page.properties, items: { type: 'array', items: { $ref: '#/$defs/Row' } } },
  }
  return ['/** A page of rows. */', 'export interface Page<Row> {', ...fieldLines(generic, false, text), '}']
}

/** Returns one member of a union type, with doc comments on its fields. */
function formLines(form: JsonSchema, taken: boolean, text: TypeText): string[] {
  if (!form.properties) return [`  | ${text(form, taken)}`]
  return ['  | {', ...fieldLines(form, taken, text).map((line) => `    ${line}`), '    }']
}

function fieldLines(schema: JsonSchema, taken: boolean, text: TypeText): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const doc = isSchema(field) ? docComment(fieldDoc(field, taken), '  ') : []
    return [...doc, `  ${fieldText(schema, key, text, taken)}`]
  })
}

function usedBy(name: string, { procedures }: Contract): string {
  const names = (schema: JsonSchema | undefined) =>
    schema && (refName(schema) === name || refName(pageRow(schema) ?? {}) === name)
  const takers = procedures.filter(({ input }) => names(input)).map(pathOf)
  const givers = procedures.filter(({ output }) => names(output)).map(pathOf)
  const parts = [
    takers.length > 0 && `input of ${takers.join(', ')}`,
    givers.length > 0 && `returned by ${givers.join(', ')}`,
  ]
  const words = parts.filter(Boolean).join('; ')
  return words && sentence(words.charAt(0).toUpperCase() + words.slice(1))
}
