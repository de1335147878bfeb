import { DomainError, MAX_NANO_USD } from '@mgx/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { history } from '../../testing/ledger-histories.js'
import { newWorld, type World } from '../../testing/ledger-world.js'
import { resultOf } from './answer.js'
import type { Outcome } from './decide.js'

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

  test('admits nothing past a limit and refuses nothing that fits', () => {
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

  test('is decided the same in groups and one by one', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const [together, alone] = [newWorld(), newWorld()]
        let second = 0
        for (const [wait, operations] of groups) {
          second += wait
          // A hold created in a group has no id within it, so only operations on earlier holds can be compared.
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

  test('is decided the same whether due holds are expired first or swept later in any order', () => {
    fc.assert(
      fc.property(history, (groups) => {
        const [swept, left] = [newWorld(), newWorld({ leavesDue: true })]
        let second = 0
        for (const [wait, operations] of groups) {
          second += wait
          const told = (world: World) => world.run(operations, second).outcomes.map(toldBy)
          expect(told(left)).toEqual(told(swept))
          expectBalanced(left)
          for (const [id, { reserved }] of swept.projects) {
            const due = [...left.holds.values()].filter(
              ({ projectId, status, expiresAt }) =>
                projectId === id && status === 'held' && Date.parse(expiresAt) <= second * 1000,
            )
            expect((left.projects.get(id)?.reserved ?? 0n) - sum(due.map(({ amount }) => amount))).toBe(reserved)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** The result of an operation as a caller sees it, except the instant at which a hold was found to be due. */
function toldBy(outcome: Outcome): unknown {
  const result = resultOf({ outcome, idOf: ({ id }) => id ?? 0 })
  if (result === null || !('reservation' in result)) return result
  return { ...result, reservation: { ...result.reservation, resolvedAt: result.reservation.resolvedAt !== null } }
}
