import { type Contract, type JsonSchema, type Procedure, pathOf } from './contract.js'

type DescribedProcedure = Omit<Procedure, 'namespace' | 'method'>

/** The contract as one JSON document: JSON Schema 2020-12 for every input and output, and the hash that names it. */
export type ContractDocument = {
  $schema: string
  hash: string
  procedures: Record<string, DescribedProcedure>
  reasons: Record<string, number>
  $defs: Record<string, JsonSchema>
}

export function toDocument({ hash, procedures, reasons, types }: Contract): ContractDocument {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    hash,
    procedures: Object.fromEntries(
      procedures.map((procedure) => {
        const { namespace: _, method: __, ...described } = procedure
        return [pathOf(procedure), described]
      }),
    ),
    reasons,
    $defs: Object.fromEntries(types.map(({ name, schema }) => [name, schema])),
  }
}

/** What {@link breakingChanges} compares of a contract. */
export type ComparedContract = Pick<ContractDocument, 'procedures' | 'reasons' | '$defs'>
