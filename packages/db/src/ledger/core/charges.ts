import { DomainError, formatUsd } from '@mgx/contract'
import { sameContent } from '../../content-hash.js'
import type { Usage } from '../../prices/price.js'
import { answerKey, type Charge } from './books.js'
import { accountsOf, addCharge, type Draft } from './draft.js'
import type { AdjustOperation, RecordOperation } from './operation.js'

/** The usage of a correcting entry, for which no call was made. */
const ADJUSTMENT: Usage = {
  model: 'adjustment',
  promptTokens: 0,
  completionTokens: 0,
  cachedPromptTokens: 0,
  actionType: null,
}

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
  return addCharge(draft, { projectId, usage, price, reservationId: null, idempotencyKey, requestHash })
}

/** Sets the total of a project by adding a correcting entry. @throws as `record`. */
export function adjust(draft: Draft, operation: AdjustOperation): Charge {
  const { projectId, total, idempotencyKey, requestHash } = operation
  const { project } = accountsOf(draft, projectId, operation.scope)
  const earlier = earlierCharge(draft, operation)
  if (earlier) return earlier
  const price = { amount: total - project.spent, source: 'adjustment' } as const
  const charge = addCharge(draft, {
    projectId,
    usage: ADJUSTMENT,
    price,
    reservationId: null,
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

function earlierCharge(draft: Draft, operation: RecordOperation | AdjustOperation): Charge | undefined {
  const { projectId, idempotencyKey, requestHash } = operation
  if (idempotencyKey === null) return undefined
  return sameContent(draft.keyedCharges.get(answerKey(projectId, idempotencyKey)), requestHash)
}
