import { MAX_NANO_USD } from '@mgx/contract'
import fc from 'fast-check'
import { SYSTEM } from '../audit/audit-log.js'
import type { Operation } from '../ledger/core/operation.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { extend, price, record, release, reserve, settle, unknown } from './ledger-operations.js'

const scope = fc.constantFrom(
  EVERYTHING,
  scopeTo({ userId: 1 }),
  scopeTo({ userId: 2 }),
  scopeTo({ userId: 1, projectId: 2 }),
)
const projectId = fc.integer({ min: 1, max: 4 })
const reservationId = fc.integer({ min: 1, max: 12 })
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 120n }), fc.bigInt({ min: 1n, max: 120n }), fc.constant(MAX_NANO_USD))
const priced = fc.oneof(amount.map(price), amount.map(price), fc.constant(unknown))
const keyed = { idempotencyKey: fc.option(fc.constantFrom('x', 'y', 'z')), requestHash: fc.constantFrom('a', 'b') }
const ttlSeconds = fc.integer({ min: 1, max: 20 })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ scope, projectId, price: priced, ...keyed }).map(record),
  fc.record({ scope, projectId, amount, ttlSeconds, ...keyed }).map(reserve),
  fc.record({ scope, projectId, amount, ttlSeconds, ...keyed }).map(reserve),
  fc
    .record({ scope, reservationId, price: priced, requestHash: keyed.requestHash })
    .map((each) => settle(each.reservationId, each)),
  reservationId.map(release),
  fc.tuple(reservationId, ttlSeconds).map(([id, ttl]) => extend(id, ttl)),
  reservationId.map((id): Operation => ({ kind: 'expire', reservationId: id })),
  fc.record({ projectId, total: fc.bigInt({ min: 0n, max: 200n }), ...keyed }).map(
    (each): Operation => ({
      kind: 'adjust',
      scope: EVERYTHING,
      reason: 'r',
      requester: SYSTEM,
      ...each,
    }),
  ),
)
/** Groups of operations, each with the seconds since the previous group. */
export const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.array(operation, { maxLength: 8 })), {
  maxLength: 12,
})
