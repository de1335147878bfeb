import contract from '@mgx/client/contract.json' with { type: 'json' }
import { type DescribedProcedure, isSchema, type JsonSchema, resolve } from '@mgx/contract/contract-document'

export const { hash, procedures, $defs } = contract

/** @throws Error when the contract has no such procedure; `procedures` has them all. */
export function procedureOf(path: string): DescribedProcedure {
  const procedure = procedures[path]
  if (!procedure) throw new Error(`the contract has no procedure ${path}`)
  return procedure
}

/** Returns the schema that a reference points to. */
export const resolved = (schema: JsonSchema): JsonSchema => resolve(schema, $defs)

/** Returns a schema without `null`, and whether it allowed it. */
export function withoutNull(given: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const schema = resolved(given)
  if (Array.isArray(schema.type) && schema.type.includes('null')) {
    const types = schema.type.filter((type) => type !== 'null')
    return { schema: { ...schema, type: types.length === 1 ? types[0] : types } as JsonSchema, nullable: true }
  }
  const parts = (schema.anyOf ?? []).filter(isSchema)
  const others = parts.filter(({ type }) => type !== 'null')
  const [only] = others
  if (parts.length === 2 && others.length === 1 && only) return { schema: resolved(only), nullable: true }
  return { schema, nullable: false }
}

/** The units that a description begins with: `USD`, `Tokens`, `Seconds`. */
export const describes = (...schemas: JsonSchema[]): string =>
  schemas.find(({ description }) => description)?.description ?? ''
