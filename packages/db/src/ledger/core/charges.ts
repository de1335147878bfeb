import { DomainError, formatUsd, notFound } from '@mgx/contract'
import { sameContent } from '../../content-hash.js'
import type { Usage } from '../../prices/price.js'
import { answerKey, type Charge } from './books.js'
import { accountsOf, addCharge, type Draft } from './draft.js'
import type { AdjustOperation, CorrectOperation, RecordOperation } from './operation.js'

/** The usage of a correcting entry, for which no call was made. */
const ADJUSTMENT: Usage = {
  model: 'adjustment',
  promptTokens: 0,
  completionTokens: 0,
  cachedPromptTokens: 0,
  actionType: null,
  usageSource: 'caller',
}

/** What an adjustment says about its price. */
const ADJUSTED = { source: 'adjustment', canonicalModel: null, priceId: null, calculation: null, unpriced: [] } as const

/**
 * Adds a cost, even past the budget or after the project has ended.
 * @throws DomainError `not_found`, `idempotency_mismatch`, `unknown_model`, `invalid_input`.
 */
export function record(draft: Draft, operation: RecordOperation): Charge {
  const { projectId, usage, price, idempotencyKey, requestHash } = operation
  accountsOf(draft, projectId, operation.scope)
  const earlier = earlierCharge(draft, operation)
  if (earlier) return earlier
  if (price instanceof DomainError) throw price
  return addCharge(draft, { projectId, usage, price, idempotencyKey, requestHash })
}

/** Sets the total of a project by adding a correcting entry. @throws as `record`. */
export function adjust(draft: Draft, operation: AdjustOperation): Charge {
  const { projectId, total, idempotencyKey, requestHash } = operation
  const { project } = accountsOf(draft, projectId, operation.scope)
  const earlier = earlierCharge(draft, operation)
  if (earlier) return earlier
  const charge = addCharge(draft, {
    projectId,
    usage: ADJUSTMENT,
    price: { ...ADJUSTED, amount: total - project.spent },
    idempotencyKey,
    requestHash,
  })
  const { actor, reason, requestId } = operation
  draft.audits.push({
    actor,
    action: 'costs.adjust',
    subject: `project:${projectId}`,
    before: { totalCost: formatUsd(project.spent) },
    after: { totalCost: formatUsd(total), reason },
    requestId,
  })
  return charge
}

/**
 * Brings a record to a cost by adding a correcting entry, which counts for the record's model and action. Null when the
 * record is at that cost already.
 * @throws DomainError `not_found`; `conflict` when the total of the project would fall below zero.
 */
export function correct(draft: Draft, operation: CorrectOperation): Charge | null {
  const { projectId, recordId, usage, canonicalModel, cost, actor, requestId } = operation
  const { project } = accountsOf(draft, projectId, operation.scope)
  const recorded = draft.correctedCosts.get(recordId)
  if (recorded === undefined) throw notFound('cost record')
  const amount = cost - recorded
  if (amount === 0n) return null
  if (project.spent + amount < 0n) {
    throw new DomainError('conflict', `correcting record ${recordId} would bring the total of its project below zero`, {
      recordId,
      projectId,
    })
  }
  const charge = addCharge(draft, {
    projectId,
    usage: { ...usage, promptTokens: 0, completionTokens: 0, cachedPromptTokens: 0 },
    price: { ...ADJUSTED, canonicalModel, amount },
    correctsRecordId: recordId,
    idempotencyKey: null,
    requestHash: null,
  })
  draft.correctedCosts.set(recordId, cost)
  const [before, after] = [
    { recordId, cost: formatUsd(recorded) },
    { recordId, cost: formatUsd(cost) },
  ]
  draft.audits.push({ actor, action: 'prices.reprice', subject: `project:${projectId}`, before, after, requestId })
  return charge
}

function earlierCharge(draft: Draft, operation: RecordOperation | AdjustOperation): Charge | undefined {
  const { projectId, idempotencyKey, requestHash } = operation
  if (idempotencyKey === null) return undefined
  return sameContent(draft.keyedCharges.get(answerKey(projectId, idempotencyKey)), requestHash)
}
