import json from '@mgx/api/contract.json' with { type: 'json' }
import {
  type ContractDocument,
  type DescribedProcedure,
  isEmptyObject,
  isSchema,
  type JsonSchema,
  type JsonSchemas,
  refName,
} from '@mgx/contract/contract-document'

export type Procedure = DescribedProcedure & { namespace: string; method: string }

/** A named type of the contract and the side of the wire it stands on; `both` for enumerations and the like. */
export type NamedType = { name: string; schema: JsonSchema; side: 'input' | 'output' | 'both' }

/** All the generator knows: read once from the document, written to files by pure functions. */
export type Contract = { procedures: Procedure[]; types: NamedType[]; reasons: Record<string, number>; hash: string }

/** The contract of the server as it is now, which @mgx/api writes. */
export const currentDocument = json as unknown as ContractDocument

export function readContract({ hash, procedures, reasons, $defs }: ContractDocument): Contract {
  const read = Object.entries(procedures).map(([path, procedure]) => {
    const [namespace = '', method = ''] = path.split('.')
    return { ...procedure, namespace, method }
  })
  const taken = namesUnder(
    read.map(({ input }) => input),
    $defs,
  )
  const answered = namesUnder(
    read.map(({ output }) => output),
    $defs,
  )
  const sideOf = (name: string) => (!answered.has(name) ? 'input' : taken.has(name) ? 'both' : 'output')
  const types = Object.entries($defs).map(([name, schema]) => ({ name, schema, side: sideOf(name) }) as const)
  return { procedures: read, types, reasons, hash }
}

/** The names that a value refers to, directly or through another. */
function namesUnder(value: unknown, $defs: JsonSchemas, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  const name = isSchema(value) ? refName(value) : undefined
  if (name === undefined) for (const child of Object.values(value)) namesUnder(child, $defs, found)
  else if (!found.has(name)) namesUnder($defs[name], $defs, found.add(name))
  return found
}

/** `projects` + `create` → `projects.create`. */
export const pathOf = (procedure: Procedure): string => `${procedure.namespace}.${procedure.method}`

/** Whether the input says anything: an object without fields does not. Its method then takes none. */
export const takesInput = ({ input }: Procedure): boolean => !isEmptyObject(input)
