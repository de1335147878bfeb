import { createHash } from 'node:crypto'
import { reasons } from '@mgx/contract'
import {
  type ContractDocument,
  type DescribedProcedure,
  isEmptyObject,
  isSchema,
  type JsonSchema,
  type JsonSchemas,
  type KeyPlace,
  pageRow,
  refName,
  resolve,
} from '@mgx/contract/contract-document'
import { jsonSchemas } from '@mgx/contract/json-schema'
import { z } from 'zod'
import type { Procedure } from '../src/procedures.js'

/**
 * Returns the contract document of the given procedures. Schemas that the contract exports keep their names.
 * @throws Error naming a procedure whose path or schemas the document cannot represent.
 */
export function contractDocument(procedures: ReadonlyMap<string, Procedure>): ContractDocument {
  const all = [...procedures]
  const sideOf = (side: 'input' | 'output') =>
    new Map([[side, z.object(Object.fromEntries(all.map(([path, procedure]) => [path, procedure[side]])))]])
  const { input = {}, output = {}, ...$defs } = jsonSchemas({ inputs: sideOf('input'), outputs: sideOf('output') })
  const described = all.map(([path, { type, meta }]) => {
    if (!/^\w+\.\w+$/.test(path)) throw new Error(`${path}: must be namespace.method`)
    if (!output.required?.includes(path)) throw new Error(`${path}: may return undefined, which JSON cannot represent`)
    const taken = fieldOf(input, path)
    const key = keyPlace(taken, $defs)
    return [
      path,
      {
        type,
        description: meta.description,
        authority: meta.authority,
        input: taken,
        inputOptional: !input.required?.includes(path),
        output: fieldOf(output, path),
        ...(key && { idempotencyKey: key }),
        idempotent: meta.idempotent ?? false,
      } satisfies DescribedProcedure,
    ] as const
  })
  const contract = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    procedures: Object.fromEntries(described),
    reasons: Object.fromEntries(Object.entries(reasons).map(([reason, { httpStatus }]) => [reason, httpStatus])),
    $defs,
  }
  const { $schema, ...content } = contract
  return { $schema, hash: hashOf(content), ...content }
}

/** Returns the generated files of this package by name. The same procedures give the same text. */
export function contractFiles(procedures: ReadonlyMap<string, Procedure>): Map<string, string> {
  const document = contractDocument(procedures)
  return new Map([
    ['contract.json', `${JSON.stringify(document, undefined, 2)}\n`],
    [
      'contract-hash.ts',
      `// Generated from the router by \`npm run generate\`; do not edit.

/** Identifies the contract of this server: it changes with the wire format or with who may call. */
export const contractHash = '${document.hash}'
`,
    ],
  ])
}

/**
 * Returns the schema of a procedure's input or output. Objects, except pages and empty ones, must be named by the
 * contract.
 */
function fieldOf(side: JsonSchema, path: string): JsonSchema {
  const schema = side.properties?.[path]
  if (!isSchema(schema)) throw new Error(`${path}: has no JSON Schema`)
  if (refName(schema) || pageRow(schema) || !schema.properties || isEmptyObject(schema)) return schema
  throw new Error(`${path}: takes or returns an object that @mgx/contract does not export`)
}

function keyPlace(input: JsonSchema, $defs: JsonSchemas): KeyPlace | undefined {
  const takesKey = (schema: unknown): boolean => {
    if (!isSchema(schema)) return false
    const { properties = {}, anyOf } = resolve(schema, $defs)
    return 'idempotencyKey' in properties || (anyOf?.every(takesKey) ?? false)
  }
  if (takesKey(input)) return 'input'
  const fields = Object.entries(resolve(input, $defs).properties ?? {})
  const list = fields.find(([, field]) => isSchema(field) && takesKey(field.items))
  return list && { each: list[0] }
}

/** Returns sixteen hex digits that change with the wire format or with who may call, but not with wording. */
function hashOf(content: Omit<ContractDocument, '$schema' | 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(content)))
    .digest('hex')
    .slice(0, 16)
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, child]) => !isWording(key, child))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, canonical(child)]))
}

/** Looks at the value too, because a field may have such a name; its schema is an object. */
const isWording = (key: string, value: unknown): boolean =>
  (key === 'description' && typeof value === 'string') || (key === 'examples' && Array.isArray(value))
