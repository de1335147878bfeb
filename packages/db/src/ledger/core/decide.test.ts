import { DomainError, MAX_NANO_USD } from '@mgx/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extend, price, record, release, reserve, settle, unknown } from '../../testing/ledger-operations.js'
import { newWorld, type World } from '../../testing/ledger-world.js'
import type { Operation } from './operation.js'

const scope = fc.constantFrom({}, { userId: 1 }, { userId: 2 }, { userId: 1, projectId: 2 })
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
  fc
    .record({ projectId, total: fc.bigInt({ min: 0n, max: 200n }), ...keyed })
    .map((each): Operation => ({ kind: 'adjust', scope: {}, reason: 'r', actor: 'user:1', requestId: 'r', ...each })),
)
/** Groups of operations, each some seconds after the one before. */
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.array(operation, { maxLength: 8 })), {
  maxLength: 12,
})

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, each) => total + each, 0n)

function expectBalanced({ projects, users, holds, charges }: World): void {
  for (const project of projects.values()) {
    const own = <Row extends { projectId: number }>(rows: Iterable<Row>) =>
      [...rows].filter((row) => row.projectId === project.id)
    expect(project.spent).toBe(sum(own(charges).map(({ price: { amount: cost } }) => cost)))
    const held = own(holds.values()).filter(({ status }) => status === 'held')
    expect(project.reserved).toBe(sum(held.map((hold) => hold.amount)))
    expect(project.spent >= 0n).toBe(true)
  }
  for (const user of users.values()) {
    const own = [...projects.values()].filter(({ userId }) => userId === user.id)
    expect(user.spent).toBe(sum(own.map(({ spent }) => spent)))
    expect(user.reserved).toBe(sum(own.map(({ reserved }) => reserved)))
    expect(user.spent <= MAX_NANO_USD).toBe(true)
  }
}

describe('any history', () => {
  test('keeps the books balanced: totals are sums, nothing is negative, one outcome an operation', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const world = newWorld()
        let second = 0
        for (const [wait, operations] of groups) {
          second += wait
          expect(world.run(operations, second).outcomes).toHaveLength(operations.length)
          expectBalanced(world)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('admits nothing past a limit, and refuses nothing that fits', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const world = newWorld()
        let second = 0
        for (const [wait, operations] of groups) {
          second += wait
          for (const each of operations) {
            world.run([], second)
            const project = each.kind === 'reserve' ? world.projects.get(each.projectId) : undefined
            const user = world.users.get(project?.userId ?? 0)
            const [outcome] = world.run([each], second).outcomes
            if (each.kind !== 'reserve' || !project || !user || each.amount instanceof DomainError) continue
            if (outcome?.kind === 'held' && outcome.hold.id === null) {
              expect(outcome.standing.spent + outcome.standing.reserved <= outcome.standing.limit).toBe(true)
              expect(user.limit === null || user.spent + user.reserved + each.amount <= user.limit).toBe(true)
            } else if (outcome?.kind === 'refused' && outcome.error.reason === 'budget_exceeded') {
              const fits = project.spent + project.reserved + each.amount <= project.limit
              expect(fits && (user.limit === null || user.spent + user.reserved + each.amount <= user.limit)).toBe(
                false,
              )
            }
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('ends a hold once, charges a key once, and settles a hold once', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const world = newWorld()
        let second = 0
        const ended = new Map<number, string>()
        for (const [wait, operations] of groups) {
          second += wait
          world.run(operations, second)
          for (const [id, { status }] of world.holds) {
            expect(status).toBe(ended.get(id) ?? status)
            if (status !== 'held') ended.set(id, status)
          }
        }
        const keys = world.charges.flatMap((charge) =>
          charge.idempotencyKey ? [`${charge.projectId}:${charge.idempotencyKey}`] : [],
        )
        const settled = world.charges.flatMap((charge) => charge.reservationId ?? [])
        expect([new Set(keys).size, new Set(settled).size]).toEqual([keys.length, settled.length])
      }),
      { numRuns: 300 },
    )
  })

  test('is decided alike in groups and one by one', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const [together, alone] = [newWorld(), newWorld()]
        let second = 0
        for (const [wait, operations] of groups) {
          second += wait
          // A hold that is made in a group has no id yet for the rest of it, so the group is what both can know.
          const known = operations.filter(
            (each) => !('reservationId' in each) || together.holds.has(each.reservationId),
          )
          alone.run([], second)
          const grouped = together.run(known, second).outcomes.map(({ kind }) => kind)
          expect(known.flatMap((each) => alone.run([each], second).outcomes.map(({ kind }) => kind))).toEqual(grouped)
          expect(alone.projects).toEqual(together.projects)
          expect(alone.users).toEqual(together.users)
        }
      }),
      { numRuns: 300 },
    )
  })
})
