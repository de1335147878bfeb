import {
  type AdjustCostInput,
  parseUsd,
  type RecordCostInput,
  type ReserveInput,
  type SettleInput,
} from '@mgx/contract'
import type { Requester } from '../../audit/audit-log.js'
import type { contentText } from '../../content-text.js'
import type { Price, Usage } from '../../prices/price.js'
import type { CallToPrice } from '../../prices/price-call.js'
import type { Scope } from '../../scope.js'
import type { AdjustOperation } from './operation.js'
import type { PendingOperation } from './pricing.js'

/** Tells contents apart: the same text for the same content. What may change in a content: {@link contentText}. */
export type HashOf = (content: readonly unknown[]) => string

/** The operations that calls ask for. */
export function operationsWith(contentHash: HashOf) {
  return {
    record(scope: Scope, input: RecordCostInput): PendingOperation {
      const { projectId, idempotencyKey = null } = input
      return { kind: 'record', scope, projectId, idempotencyKey, ...chargeOf(input, contentHash) }
    },

    settle(scope: Scope, input: SettleInput): PendingOperation {
      return { kind: 'settle', scope, reservationId: input.reservationId, ...chargeOf(input, contentHash) }
    },

    reserve(scope: Scope, input: ReserveInput): PendingOperation {
      const { projectId, ttlSeconds, idempotencyKey = null } = input
      const hold = { kind: 'reserve', scope, projectId, ttlSeconds, idempotencyKey } as const
      if ('amount' in input) {
        return { amount: parseUsd(input.amount), requestHash: contentHash([input.amount, ttlSeconds]), ...hold }
      }
      const { model, maxPromptTokens: promptTokens, maxCompletionTokens: completionTokens } = input
      const usage = { model, promptTokens, completionTokens, cachedPromptTokens: 0, actionType: null }
      const requestHash = contentHash([model, promptTokens, completionTokens, ttlSeconds])
      return { toPrice: { usage }, requestHash, ...hold }
    },

    adjust(scope: Scope, input: AdjustCostInput, requester: Requester): AdjustOperation {
      const { projectId, totalCost, reason, idempotencyKey = null } = input
      const requestHash = contentHash(['adjust', totalCost, reason])
      const total = parseUsd(totalCost)
      return { kind: 'adjust', scope, projectId, total, reason, idempotencyKey, requestHash, ...requester }
    },
  }
}

/** What a call that was made has in its content. Field by field: what else is known of it one day is not in old contents. */
export function usageContent(usage: Usage): unknown[] {
  const { model, promptTokens, completionTokens, cachedPromptTokens, actionType } = usage
  return [model, promptTokens, completionTokens, cachedPromptTokens, actionType]
}

type Call = Omit<SettleInput, 'reservationId'>
type ChargeAsked = { usage: Usage; requestHash: string } & ({ price: Price } | { toPrice: CallToPrice })

/** The caller's own cost goes before what the call is priced with here. */
function chargeOf(call: Call, contentHash: HashOf): ChargeAsked {
  const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = call
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType: call.actionType ?? null }
  const requestHash = contentHash([...usageContent(usage), totalCost ?? null])
  if (totalCost === undefined) return { usage, requestHash, toPrice: { usage } }
  return { usage, requestHash, price: { amount: parseUsd(totalCost), source: 'caller' } }
}
