import type { RecordUsageInput } from '@mgx/contract'
import { contentHash } from '../content-hash.js'
import { readUsage } from '../prices/provider-usage.js'
import type { Scope } from '../scope.js'
import { operationsWith } from './core/asking.js'
import type { AskedOperation } from './core/pricing.js'

export const {
  record: recordOperation,
  settle: settleOperation,
  reserve: reserveOperation,
  adjust: adjustOperation,
} = operationsWith(contentHash)

/** @throws DomainError `invalid_input` when the response is not a body of the provider. */
export function usageOperation(scope: Scope, input: RecordUsageInput): AskedOperation {
  const { projectId, idempotencyKey = null } = input
  const toPrice = readUsage(input)
  const { usage, providerId, details } = toPrice
  const requestHash = contentHash([...Object.values(usage), null, providerId, details ?? null])
  return { kind: 'record', scope, projectId, idempotencyKey, usage, toPrice, requestHash }
}
