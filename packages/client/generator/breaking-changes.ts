import type { ContractDocument } from '@mgx/contract/contract-document'
import { misfits } from './schema-fits.js'

type ComparedContract = Pick<ContractDocument, 'procedures' | 'reasons' | '$defs'>

/**
 * What a service that was written against the released contract could no longer do, a line each that names the
 * procedure: calls that would be refused, answers that would hold what it does not expect.
 */
export function breakingChanges(released: ComparedContract, current: ComparedContract): string[] {
  const [before, now] = [released.$defs, current.$defs]
  const inProcedures = Object.entries(released.procedures).flatMap(([path, old]) => {
    const procedure = current.procedures[path]
    if (!procedure) return [`${path}: is gone`]
    if (procedure.type !== old.type) return [`${path}: was a ${old.type} and is a ${procedure.type}`]
    const input = misfits({ schema: old.input, types: before }, { schema: procedure.input, types: now }, false)
    const output = misfits({ schema: procedure.output, types: now }, { schema: old.output, types: before }, true)
    return [
      ...(old.inputOptional && !procedure.inputOptional ? ['input: may not be left out any more'] : []),
      ...input.map((line) => `input: a call that was right is refused: ${line}`),
      ...output.map((line) => `output: an answer may surprise: ${line}`),
      ...(old.idempotent && !procedure.idempotent
        ? ['may not be sent twice any more, which clients do by themselves']
        : []),
    ].map((line) => `${path}: ${line}`)
  })
  const inReasons = Object.entries(released.reasons).flatMap(([reason, status]) => {
    if (current.reasons[reason] === status) return []
    return [`reason ${reason}: had status ${status} and has ${current.reasons[reason] ?? 'none'}`]
  })
  return [...inProcedures, ...inReasons]
}
