import {
  type AdjustCostInput,
  parseUsd,
  type RecordCostInput,
  type RecordUsageInput,
  type ReserveInput,
  type SettleInput,
} from '@mgx/contract'
import { contentHash } from '../content-hash.js'
import type { CallToPrice } from '../prices/price-call.js'
import { readUsage } from '../prices/provider-usage.js'
import type { Scope } from '../scope.js'
import type { Price, Usage } from './core/books.js'
import type { AdjustOperation } from './core/operation.js'
import type { AskedOperation } from './price.js'

/** Who asks for a correction, for the audit log. */
export type Requester = { actor: string; requestId: string }

export function recordOperation(scope: Scope, input: RecordCostInput): AskedOperation {
  const { projectId, idempotencyKey = null } = input
  return { kind: 'record', scope, projectId, idempotencyKey, ...chargeOf(input) }
}

/** @throws DomainError `invalid_input` when the response is not a body of the provider. */
export function usageOperation(scope: Scope, input: RecordUsageInput): AskedOperation {
  const { projectId, idempotencyKey = null } = input
  const toPrice = readUsage(input)
  const { usage, providerId, details } = toPrice
  const requestHash = contentHash([...Object.values(usage), null, providerId, details ?? null])
  return { kind: 'record', scope, projectId, idempotencyKey, usage, toPrice, requestHash }
}

export function settleOperation(scope: Scope, input: SettleInput): AskedOperation {
  return { kind: 'settle', scope, reservationId: input.reservationId, ...chargeOf(input) }
}

export function reserveOperation(scope: Scope, input: ReserveInput): AskedOperation {
  const { projectId, ttlSeconds, idempotencyKey = null } = input
  const hold = { kind: 'reserve', scope, projectId, ttlSeconds, idempotencyKey } as const
  if ('amount' in input) {
    return { amount: parseUsd(input.amount), requestHash: contentHash([input.amount, ttlSeconds]), ...hold }
  }
  const { model, maxPromptTokens: promptTokens, maxCompletionTokens: completionTokens } = input
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens: 0, actionType: null }
  const requestHash = contentHash([model, promptTokens, completionTokens, ttlSeconds])
  return { toPrice: { usage }, requestHash, ...hold }
}

export function adjustOperation(scope: Scope, input: AdjustCostInput, requester: Requester): AdjustOperation {
  const { projectId, totalCost, reason, idempotencyKey = null } = input
  const requestHash = contentHash(['adjust', totalCost, reason])
  return {
    kind: 'adjust',
    scope,
    projectId,
    total: parseUsd(totalCost),
    reason,
    idempotencyKey,
    requestHash,
    ...requester,
  }
}

type Call = Omit<SettleInput, 'reservationId'>

/** The caller's own cost goes before what the call is priced with here. */
function chargeOf(call: Call): { usage: Usage; requestHash: string } & ({ price: Price } | { toPrice: CallToPrice }) {
  const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = call
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType: call.actionType ?? null }
  const requestHash = contentHash([...Object.values(usage), totalCost ?? null])
  if (totalCost === undefined) return { usage, requestHash, toPrice: { usage } }
  return { usage, requestHash, price: { amount: parseUsd(totalCost), source: 'caller' } }
}
