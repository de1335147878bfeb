import { DomainError, MAX_NANO_USD } from '@mgx/contract'
import { describe, expect, test } from 'vitest'
import { SYSTEM } from '../../audit/audit-log.js'
import { EVERYTHING, scopeTo } from '../../scope.js'
import { correct, price, record, reserve, unknown } from '../../testing/ledger-operations.js'
import { newWorld } from '../../testing/ledger-world.js'

describe('record', () => {
  test('a repeated key returns the first charge; with different content it is refused and nothing changes', () => {
    const world = newWorld()
    const { outcomes } = world.run([
      record({ idempotencyKey: 'x' }),
      record({ idempotencyKey: 'x' }),
      record({ idempotencyKey: 'x', requestHash: 'b' }),
      record({ idempotencyKey: 'x', projectId: 2, requestHash: 'b' }),
    ])
    expect(world.charges).toHaveLength(2)
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[2]).toMatchObject({ kind: 'refused', error: { reason: 'idempotency_mismatch' } })
    expect(world.run([record({ idempotencyKey: 'x', price: unknown })]).outcomes).toMatchObject([{ charge: { id: 1 } }])
  })

  test('a refused call does not use up its key', () => {
    const { outcomes } = newWorld().run([
      record({ idempotencyKey: 'x', price: unknown }),
      record({ idempotencyKey: 'x', requestHash: 'b' }),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'charged'])
  })

  test("another tenant's project looks like one that does not exist", () => {
    const { outcomes } = newWorld().run([
      record({ scope: scopeTo({ userId: 2 }) }),
      record({ projectId: 4 }),
      record({ scope: scopeTo({ userId: 1, projectId: 2 }) }),
    ])
    const error = new DomainError('not_found', 'project not found')
    expect(outcomes).toEqual(Array(3).fill({ kind: 'refused', error }))
  })

  test('is written past the limit, and stops further reservations', () => {
    const world = newWorld()
    const { outcomes } = world.run([record({ price: price(150n) }), record(), reserve({ amount: 1n })])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['charged', 'charged', 'refused'])
    expect(world.projects.get(1)?.spent).toBe(155n)
  })

  test('past 2^53 nano-USD is refused and leaves its neighbours alone', () => {
    const world = newWorld()
    const { outcomes } = world.run([record(), record({ projectId: 2, price: price(MAX_NANO_USD) }), record()])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['charged', 'refused', 'charged'])
    expect(world.users.get(1)?.spent).toBe(10n)
  })
})

test('adjust sets the total, lower too, and writes an audit entry', () => {
  const world = newWorld()
  world.run([record({ price: price(90n) })])
  const correction = {
    kind: 'adjust',
    scope: EVERYTHING,
    projectId: 1,
    total: 20n,
    reason: 'billed twice',
    requester: SYSTEM,
  } as const
  const { audits } = world.run([{ ...correction, idempotencyKey: null, requestHash: 'a' }])
  expect(world.charges.at(-1)).toMatchObject({
    price: { amount: -70n, source: 'adjustment' },
    usage: { model: 'adjustment' },
  })
  expect(world.projects.get(1)?.spent).toBe(20n)
  expect(audits).toMatchObject([
    {
      ...SYSTEM,
      userId: 1,
      subject: 'project:1',
      before: { totalCost: '0.00000009' },
      after: { reason: 'billed twice' },
    },
  ])
})

describe('correct', () => {
  test('brings a record to a cost by an adjustment of its model, and writes nothing when repeated', () => {
    const world = newWorld()
    world.run([record({ price: price(90n) })])
    const recordId = world.charges[0]?.id ?? 0
    const { outcomes, audits } = world.run([correct([recordId, 70n]), correct([recordId, 70n])])
    const adjusted = { correctsRecordId: recordId, price: { amount: -20n, source: 'adjustment' } }
    expect(outcomes).toMatchObject([
      { kind: 'corrected', adjustments: [adjusted] },
      { kind: 'corrected', adjustments: [null] },
    ])
    expect(world.charges.at(-1)?.usage).toMatchObject({ model: 'gpt-4o', promptTokens: 0, completionTokens: 0 })
    expect(world.projects.get(1)?.spent).toBe(70n)
    expect(audits).toMatchObject([{ action: 'prices.reprice', subject: 'project:1', after: { recordId } }])
    expect(world.run([correct([recordId, 70n])]).outcomes).toEqual([{ kind: 'corrected', adjustments: [null] }])
    expect(world.run([correct([recordId, 95n])]).outcomes).toMatchObject([
      { adjustments: [{ price: { amount: 25n } }] },
    ])
    expect(world.projects.get(1)?.spent).toBe(95n)
  })

  test('of several records writes all or none', () => {
    const world = newWorld()
    world.run([
      record({ price: price(90n) }),
      record({ price: price(90n) }),
      record({ projectId: 2, price: price(90n) }),
    ])
    world.run([{ ...adjustment, total: 10n }])
    const before = { projects: world.projects, users: world.users, charges: [...world.charges] }
    const refused = [
      correct([3, 50n, 2], [1, 70n]),
      correct([3, 50n, 2], [1, 90n], [999, 1n]),
      correct([3, 150n, 2], [1, 90n], [2, MAX_NANO_USD]),
    ]
    for (const [index, reason] of ['conflict', 'not_found', 'invalid_input'].entries()) {
      expect(world.run(refused.slice(index, index + 1)).outcomes).toMatchObject([{ error: { reason } }])
    }
    expect({ projects: world.projects, users: world.users, charges: world.charges }).toEqual(before)
    const { outcomes } = world.run([correct([1, 60n], [2, 120n], [3, 90n, 2])])
    expect(outcomes).toMatchObject([{ adjustments: [{ correctsRecordId: 1 }, { correctsRecordId: 2 }, null] }])
    expect(world.projects.get(1)?.spent).toBe(10n)
  })
})

const adjustment = {
  kind: 'adjust',
  scope: EVERYTHING,
  projectId: 1,
  reason: 'r',
  requester: SYSTEM,
  idempotencyKey: null,
  requestHash: 'a',
} as const
