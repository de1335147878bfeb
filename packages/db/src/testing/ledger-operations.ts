import { DomainError } from '@mgx/contract'
import { SYSTEM } from '../audit/audit-log.js'
import type { Operation, RecordOperation, ReserveOperation, SettleOperation } from '../ledger/core/operation.js'
import { givenPrice, type Price, type Usage } from '../prices/price.js'
import { EVERYTHING } from '../scope.js'

const usage: Usage = {
  model: 'gpt-4o',
  promptTokens: 1,
  completionTokens: 1,
  cachedPromptTokens: 0,
  actionType: null,
  usageSource: 'caller',
}
/** Stands in for the price of a model without one. */
export const unknown = new DomainError('unknown_model', 'none')
export const price = (amount: bigint): Price => givenPrice(amount, null)

export const record = (changes: Partial<RecordOperation> = {}): RecordOperation => ({
  kind: 'record',
  scope: EVERYTHING,
  projectId: 1,
  usage,
  price: price(5n),
  idempotencyKey: null,
  requestHash: 'a',
  ...changes,
})
export const reserve = (changes: Partial<ReserveOperation> = {}): ReserveOperation => ({
  kind: 'reserve',
  scope: EVERYTHING,
  projectId: 1,
  amount: 40n,
  ttlSeconds: 10,
  idempotencyKey: null,
  requestHash: 'a',
  ...changes,
})
export const settle = (reservationId: number, changes: Partial<SettleOperation> = {}): SettleOperation => ({
  kind: 'settle',
  scope: EVERYTHING,
  reservationId,
  usage,
  price: price(30n),
  requestHash: 'a',
  ...changes,
})
export const release = (reservationId: number): Operation => ({ kind: 'release', scope: EVERYTHING, reservationId })
export const extend = (reservationId: number, ttlSeconds: number): Operation => ({
  kind: 'extend',
  scope: EVERYTHING,
  reservationId,
  ttlSeconds,
})
/** Brings records of project 1, or of the named one, to these costs. */
export const correct = (...costs: [recordId: number, cost: bigint, projectId?: number][]): Operation => ({
  kind: 'correct',
  scope: EVERYTHING,
  corrections: costs.map(([recordId, cost, projectId = 1]) => ({
    projectId,
    recordId,
    usage,
    canonicalModel: null,
    cost,
  })),
  requester: SYSTEM,
})
