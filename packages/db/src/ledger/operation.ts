import { createHash } from 'node:crypto'
import { parseUsd, type RecordCostInput } from '@mgx/contract'
import type { Scope } from '../scope.js'
import type { RecordOperation } from './core.js'
import { cataloguePrice } from './price.js'

/** The ledger's operation for a validated `costs.record` call; the caller's own cost goes before the catalogue's. */
export function recordOperation(scope: Scope, input: RecordCostInput): RecordOperation {
  const { projectId, model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = input
  const actionType = input.actionType ?? null
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType }
  return {
    scope,
    projectId,
    usage,
    price: totalCost === undefined ? cataloguePrice(usage) : { amount: parseUsd(totalCost), source: 'caller' },
    idempotencyKey: input.idempotencyKey ?? null,
    requestHash: requestHash([
      model,
      promptTokens,
      completionTokens,
      cachedPromptTokens,
      actionType,
      totalCost ?? null,
    ]),
  }
}

/** SHA-256 of what a call asked for, in one canonical writing: what makes a repeated key "the same content". */
export function requestHash(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url')
}
