import type { AdjustCostInput, ListCostsInput, RecordCostInput, RecordManyInput } from '@mgx/contract'
import { toRecord } from '@mgx/db/core'
import { apply, applyEach, operations } from '../ledger.js'
import type { Memory } from '../memory.js'
import { pageOf } from '../page.js'
import { admin, authenticated } from '../procedure.js'
import type { ChargeRow } from '../tables.js'
import { projectOf } from './projects.js'

export const costs = {
  record: authenticated(({ memory, scope }, input: RecordCostInput) => apply(memory, operations.record(scope, input))),

  recordMany: authenticated(({ memory, scope }, { records }: RecordManyInput) => ({
    results: applyEach(
      memory,
      records.map((record) => operations.record(scope, record)),
    ),
  })),

  list: authenticated((context, input: ListCostsInput) => {
    const { projectId, actionType, model, from, to } = input
    projectOf(context, projectId)
    const rows = chargesOf(context.memory, projectId).filter(
      ({ usage, createdAt }) =>
        (actionType ?? usage.actionType) === usage.actionType &&
        (model ?? usage.model) === usage.model &&
        (from ?? createdAt) <= createdAt &&
        (to === undefined || createdAt < to),
    )
    const page = pageOf(rows, input, ({ id }) => id)
    return { ...page, items: page.items.map(costRecord) }
  }),

  total: authenticated((context, { projectId }: { projectId: number }) => {
    const { totalCost } = projectOf(context, projectId)
    const charges = chargesOf(context.memory, projectId)
    const sum = (tokens: 'promptTokens' | 'completionTokens') =>
      charges.reduce((total, { usage }) => total + usage[tokens], 0)
    const [promptTokens, completionTokens] = [sum('promptTokens'), sum('completionTokens')]
    return { totalCost, records: charges.length, promptTokens, completionTokens }
  }),

  adjust: admin(({ memory, scope, caller, requestId }, input: AdjustCostInput) =>
    apply(memory, operations.adjust(scope, input, { actor: `user:${caller.userId}`, requestId })),
  ),
}

/** The charges of a project, in the order of their ids. */
export function chargesOf({ tables }: Memory, projectId: number): ChargeRow[] {
  return [...tables.charges.values()].filter((charge) => charge.projectId === projectId)
}

/** A charge as it is answered. */
export const costRecord = (charge: ChargeRow) => toRecord(charge, () => charge.id)
