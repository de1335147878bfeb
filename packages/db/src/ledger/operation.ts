import {
  type AdjustCostInput,
  type DomainError,
  parseUsd,
  type RecordCostInput,
  type ReserveInput,
  type SettleInput,
} from '@mgx/contract'
import { contentHash } from '../content-hash.js'
import type { Scope } from '../scope.js'
import type { Price, Usage } from './core/books.js'
import type { AdjustOperation, RecordOperation, ReserveOperation, SettleOperation } from './core/operation.js'
import { cataloguePrice } from './price.js'

/** Who asks for a correction, for the audit log. */
export type Requester = { actor: string; requestId: string }

export function recordOperation(scope: Scope, input: RecordCostInput): RecordOperation {
  const { projectId, idempotencyKey = null } = input
  return { kind: 'record', scope, projectId, idempotencyKey, ...chargeOf(input) }
}

export function settleOperation(scope: Scope, input: SettleInput): SettleOperation {
  return { kind: 'settle', scope, reservationId: input.reservationId, ...chargeOf(input) }
}

export function reserveOperation(scope: Scope, input: ReserveInput): ReserveOperation {
  const { projectId, ttlSeconds, idempotencyKey = null } = input
  const asked = 'amount' in input ? [input.amount] : [input.model, input.maxPromptTokens, input.maxCompletionTokens]
  const requestHash = contentHash([...asked, ttlSeconds])
  return { kind: 'reserve', scope, projectId, amount: amountOf(input), ttlSeconds, idempotencyKey, requestHash }
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

/** The caller's own cost goes before the catalogue's. */
function chargeOf(call: Call): { usage: Usage; price: Price | DomainError; requestHash: string } {
  const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = call
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType: call.actionType ?? null }
  return {
    usage,
    price: totalCost === undefined ? cataloguePrice(usage) : { amount: parseUsd(totalCost), source: 'caller' },
    requestHash: contentHash([...Object.values(usage), totalCost ?? null]),
  }
}

function amountOf(input: ReserveInput): bigint | DomainError {
  if ('amount' in input) return parseUsd(input.amount)
  const { model, maxPromptTokens, maxCompletionTokens } = input
  const usage = { model, promptTokens: maxPromptTokens, completionTokens: maxCompletionTokens, cachedPromptTokens: 0 }
  const price = cataloguePrice({ ...usage, actionType: null })
  return 'amount' in price ? price.amount : price
}
