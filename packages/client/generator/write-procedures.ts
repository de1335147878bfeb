import { pageRow } from '@mgx/contract/contract-document'
import { type Contract, pathOf, takesInput } from './contract.js'
import { literal } from './type-text.js'

/** The closed list of reasons. */
export function reasonBlocks({ reasons }: Contract): string[][] {
  return [
    [
      '/** Why the server refuses a call, and the HTTP status it then answers with. The list is closed. */',
      'export const reasons = {',
      ...Object.entries(reasons).map(([reason, status]) => `  ${reason}: ${status},`),
      '} as const',
    ],
    ['/** Why the server refused a call. */', 'export type Reason = keyof typeof reasons'],
  ]
}

/** The hash of the contract. */
export function hashBlocks({ hash }: Contract): string[][] {
  return [
    [
      '/** Names the contract this was made from: another one means that other things go over the wire. */',
      `export const contractHash = '${hash}'`,
    ],
  ]
}

/** The table the runtime builds its methods from. */
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
      '/** Every procedure, and what the runtime must know to call it. */',
      'export const procedures: Readonly<Record<string, ProcedureTraits>> = {',
      ...rows,
      '}',
    ],
  ]
}
