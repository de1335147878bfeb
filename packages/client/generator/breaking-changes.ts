import type { ContractDocument } from '@mgx/contract/contract-document'
import { misfits } from './schema-fits.js'

type ComparedContract = Pick<ContractDocument, 'procedures' | 'reasons' | '$defs'>

/**
 * Lists what breaks for services written against the released contract, one line per change, each naming the procedure:
 * calls that the server would now reject, and responses that the released client does not expect.
 */
export function breakingChanges(released: ComparedContract, current: ComparedContract): string[] {
  const [before, now] = [released.$defs, current.$defs]
  const inProcedures = Object.entries(released.procedures).flatMap(([path, old]) => {
    const procedure = current.procedures[path]
    if (!procedure) return [`${path}: was removed`]
    if (procedure.type !== old.type) return [`${path}: changed from a ${old.type} to a ${procedure.type}`]
    const input = misfits({ schema: old.input, types: before }, { schema: procedure.input, types: now }, false)
    const output = misfits({ schema: procedure.output, types: now }, { schema: old.output, types: before }, true)
    return [
      ...(old.inputOptional && !procedure.inputOptional ? ['input: is now required'] : []),
      ...input.map((line) => `input: a valid call is now rejected: ${line}`),
      ...output.map((line) => `output: a response may be unexpected: ${line}`),
      ...(old.idempotent && !procedure.idempotent ? ['is no longer idempotent, but released clients retry it'] : []),
    ].map((line) => `${path}: ${line}`)
  })
  const inReasons = Object.entries(released.reasons).flatMap(([reason, status]) => {
    if (current.reasons[reason] === status) return []
    return [`reason ${reason}: status changed from ${status} to ${current.reasons[reason] ?? 'none'}`]
  })
  return [...inProcedures, ...inReasons]
}
