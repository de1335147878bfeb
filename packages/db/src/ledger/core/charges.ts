import { DomainError, formatUsd, type NanoUsd, notFound } from '@mgx/contract'
import type { Requester } from '../../audit/audit-log.js'
import { sameContent } from '../../content-hash.js'
import type { Usage } from '../../prices/price.js'
import { EVERYTHING } from '../../scope.js'
import { answerKey, type Charge, type UserAccount } from './books.js'
import { accountsOf, addCharge, type Draft, requireRoomFor } from './draft.js'
import type { AdjustOperation, Correction, CorrectOperation, RecordOperation } from './operation.js'

/** The usage of a correcting entry, for which no call was made. */
const ADJUSTMENT: Usage = {
  model: 'adjustment',
  promptTokens: 0,
  completionTokens: 0,
  cachedPromptTokens: 0,
  actionType: null,
  usageSource: 'caller',
}

/** The price of an adjustment, without its amount. */
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
  const { project, user } = accountsOf(draft, projectId, operation.scope)
  const earlier = earlierCharge(draft, operation)
  if (earlier) return earlier
  const charge = addCharge(draft, {
    projectId,
    usage: ADJUSTMENT,
    price: { ...ADJUSTED, amount: total - project.spent },
    idempotencyKey,
    requestHash,
  })
  const { reason, requester } = operation
  draft.audits.push({
    ...requester,
    userId: user.id,
    action: 'costs.adjust',
    subject: `project:${projectId}`,
    before: { totalCost: formatUsd(project.spent) },
    after: { totalCost: formatUsd(total), reason },
  })
  return charge
}

/**
 * Brings records to their costs by correcting entries, which count for the record's model and action. Returns one for
 * each correction, null for a record that is at its cost already.
 * @throws DomainError, before any change, `not_found`; `conflict` when the total of a project would fall below zero;
 *   `invalid_input` when one of a user would exceed the largest amount.
 */
export function correct(draft: Draft, { scope, corrections, requester }: CorrectOperation): (Charge | null)[] {
  const changes = corrections.map((correction) => {
    accountsOf(draft, correction.projectId, scope)
    const recorded = draft.correctedCosts.get(correction.recordId)
    if (recorded === undefined) throw notFound('cost record')
    return { ...correction, recorded, amount: correction.cost - recorded }
  })
  requireRoomForSums(draft, changes)
  // The largest decrease first, so that no total is higher on the way than before or after all of them.
  const charges = new Map<number, Charge>()
  for (const change of changes.toSorted((a, b) => (a.amount < b.amount ? -1 : 1))) {
    if (change.amount !== 0n) charges.set(change.recordId, addCorrection(draft, change, requester))
  }
  return changes.map(({ recordId }) => charges.get(recordId) ?? null)
}

type Change = Correction & { readonly recorded: NanoUsd; readonly amount: NanoUsd }

/** Checks the totals after all changes, because those of one project may make up for each other. */
function requireRoomForSums(draft: Draft, changes: readonly Change[]): void {
  const projects = new Map<number, NanoUsd>()
  const users = new Map<UserAccount, NanoUsd>()
  for (const { projectId, amount } of changes) {
    const { user } = accountsOf(draft, projectId, EVERYTHING)
    projects.set(projectId, (projects.get(projectId) ?? 0n) + amount)
    users.set(user, (users.get(user) ?? 0n) + amount)
  }
  for (const [projectId, amount] of projects) {
    if (accountsOf(draft, projectId, EVERYTHING).project.spent + amount >= 0n) continue
    throw new DomainError('conflict', `the corrections would bring the total of project ${projectId} below zero`, {
      projectId,
    })
  }
  for (const [user, amount] of users) requireRoomFor(user, amount)
}

function addCorrection(draft: Draft, change: Change, requester: Requester): Charge {
  const { projectId, recordId, usage, canonicalModel, cost, recorded, amount } = change
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
  const { user } = accountsOf(draft, projectId, EVERYTHING)
  const subject = `project:${projectId}`
  draft.audits.push({ ...requester, userId: user.id, action: 'prices.reprice', subject, before, after })
  return charge
}

function earlierCharge(draft: Draft, operation: RecordOperation | AdjustOperation): Charge | undefined {
  const { projectId, idempotencyKey, requestHash } = operation
  if (idempotencyKey === null) return undefined
  return sameContent(draft.keyedCharges.get(answerKey(projectId, idempotencyKey)), requestHash)
}
