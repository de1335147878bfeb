import { pageRow } from '@mgx/contract/contract-document'
import { type Contract, pathOf, takesInput } from './contract.js'
import { literal } from './type-text.js'

/** Returns the declarations of `reasons.ts`. */
export function reasonBlocks({ reasons }: Contract): string[][] {
  return [
    [
      '/** The reasons for which the server rejects a call, with the HTTP status of each. The list is closed. */',
      'export const reasons = {',
      ...Object.entries(reasons).map(([reason, status]) => `  ${reason}: ${status},`),
      '} as const',
    ],
    ['/** Why the server rejected a call. */', 'export type Reason = keyof typeof reasons'],
  ]
}

/** Returns the declaration of the contract's hash. */
export function hashBlocks({ hash }: Contract): string[][] {
  return [
    [
      '/** Identifies the contract that this client was generated from; a server with another hash has a different API. */',
      `export const contractHash = '${hash}'`,
    ],
  ]
}

/** Returns the table from which the client builds its methods. */
export function procedureBlocks({ procedures }: Contract): string[][] {
  const rows = procedures.map((procedure) => {
    const { type, output, idempotencyKey: key, idempotent } = procedure
    const place = key && `idempotencyKey: ${key === 'input' ? literal(key) : `{ each: ${literal(key.each)} }`}`
    const page = type !== 'subscription' && pageRow(output) && 'page: true'
    const again = idempotent && 'idempotent: true'
    const traits = [`type: ${literal(type)}`, `takesInput: ${takesInput(procedure)}`, page, place, again].filter(
      Boolean,
    )
    return `  '${pathOf(procedure)}': { ${traits.join(', ')} },`
  })
  return [
    ["import type { ProcedureTraits } from '../transport/procedure-traits.js'"],
    [
      '/** Every procedure, with what the client needs to know to call it. */',
      'export const procedures: Readonly<Record<string, ProcedureTraits>> = {',
      ...rows,
      '}',
    ],
  ]
}
