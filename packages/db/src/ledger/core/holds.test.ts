import { MAX_NANO_USD } from '@mgx/contract'
import { describe, expect, test } from 'vitest'
import { extend, price, record, release, reserve, settle, unknown } from '../../testing/ledger-operations.js'
import { newWorld } from '../../testing/ledger-world.js'
import type { Operation } from './operation.js'

describe('reserve', () => {
  test('reserves what fits, to the last nano-dollar, and returns the figures when it does not', () => {
    const { outcomes } = newWorld().run([reserve({ amount: 60n }), reserve({ amount: 41n }), reserve({ amount: 40n })])
    expect(outcomes).toMatchObject([
      { kind: 'held', standing: { reserved: 60n } },
      {
        error: {
          reason: 'budget_exceeded',
          details: {
            limit: '0.0000001',
            spent: '0',
            reserved: '0.00000006',
            remaining: '0.00000004',
            requested: '0.000000041',
            shortage: 'held',
          },
        },
      },
      { kind: 'held', standing: { reserved: 100n } },
    ])
  })

  test('also respects the spending limit of the user across all projects', () => {
    const { outcomes } = newWorld().run([
      reserve({ amount: 100n }),
      reserve({ projectId: 2, amount: 51n }),
      reserve({ projectId: 2, amount: 50n }),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['held', 'refused', 'held'])
    expect(outcomes[1]).toMatchObject({ error: { details: { account: 'user', remaining: '0.00000005' } } })
  })

  test('says whether open holds or spent money leave no room, and what was requested', () => {
    const refusalOf = (spent: bigint, reserved: bigint, amount: bigint, userLimit: bigint | null = null) => {
      const world = newWorld()
      Object.assign(world.projects.get(1) as object, { limit: 100n, spent, reserved })
      Object.assign(world.users.get(1) as object, { limit: userLimit, spent, reserved })
      const [outcome] = world.run([reserve({ amount })]).outcomes
      return outcome?.kind === 'refused' ? outcome.error : undefined
    }
    const told = (shortage: string, account = 'project') => ({
      details: { shortage, account, requested: '0.00000004' },
    })
    expect(refusalOf(60n, 1n, 40n)).toMatchObject(told('held'))
    expect(refusalOf(61n, 0n, 40n)).toMatchObject(told('spent'))
    expect(refusalOf(61n, 39n, 40n)).toMatchObject(told('spent'))
    expect(refusalOf(40n, 20n, 40n, 90n)).toMatchObject(told('held', 'user'))
    // The project is short of held money only, but the user has spent too much for this amount.
    expect(refusalOf(40n, 30n, 40n, 70n)).toMatchObject(told('spent', 'user'))
    expect(refusalOf(60n, 40n, 40n)?.message).toBe(
      '0.00000004 USD requested, but the budget of the project has 0 USD left of 0.0000001, until open holds of 0.00000004 USD end',
    )
    expect(refusalOf(70n, 0n, 40n)?.message).toBe(
      '0.00000004 USD requested, but the budget of the project has 0.00000003 USD left of 0.0000001, with 0.00000007 USD spent',
    )
  })

  test('can use the room of an expired hold, even of another project of the user', () => {
    const world = newWorld()
    world.run([reserve({ amount: 100n })], 0)
    expect(world.run([reserve({ projectId: 2, amount: 60n })], 9).outcomes[0]?.kind).toBe('refused')
    expect(world.run([reserve({ projectId: 2, amount: 60n })], 10).outcomes[0]?.kind).toBe('held')
    expect(world.holds.get(1)?.status).toBe('expired')
  })

  test('is refused once the project has ended', () => {
    const world = newWorld()
    for (const status of ['completed', 'failed'] as const) {
      world.projects.set(3, { id: 3, userId: 2, limit: 100n, spent: 0n, reserved: 0n, due: 0n, status })
      expect(world.run([reserve({ projectId: 3 })]).outcomes).toMatchObject([{ error: { reason: 'conflict' } }])
    }
  })

  test('a repeated key returns the first hold with the budget of that time', () => {
    const world = newWorld()
    const [first] = world.run([reserve({ idempotencyKey: 'x' })]).outcomes
    world.run([reserve()])
    const { outcomes } = world.run([
      reserve({ idempotencyKey: 'x' }),
      reserve({ idempotencyKey: 'x', requestHash: 'b' }),
    ])
    expect(outcomes).toMatchObject([
      { hold: { id: 1 }, standing: { reserved: 40n } },
      { error: { reason: 'idempotency_mismatch' } },
    ])
    expect(first).toMatchObject({ standing: { reserved: 40n } })
  })
})

describe('settle', () => {
  const held = () => {
    const world = newWorld()
    world.run([reserve()])
    return world
  }

  test('ends the hold and writes the cost in one step', () => {
    const world = held()
    const [outcome] = world.run([settle(1)]).outcomes
    expect(outcome).toMatchObject({
      kind: 'settled',
      hold: { status: 'settled' },
      charge: { standing: { spent: 30n, reserved: 0n } },
    })
  })

  test('repeated returns the first outcome; with different content the hold is closed', () => {
    const world = held()
    const [first] = world.run([settle(1)]).outcomes
    const [again, other] = world.run([settle(1, { price: unknown }), settle(1, { requestHash: 'b' })]).outcomes
    expect(again).toMatchObject({ kind: 'settled', charge: { id: 1, standing: { spent: 30n } } })
    expect(other).toMatchObject({ error: { reason: 'reservation_closed' } })
    expect(first?.kind).toBe('settled')
    expect(world.charges).toHaveLength(1)
  })

  test.each([
    ['expiry', 10, [] as Operation[], 'expired'],
    ['release', 0, [release(1)], 'released'],
  ])('after %s is written all the same, once', (_, second, before, status) => {
    const world = held()
    world.run(before, second)
    const { outcomes } = world.run([settle(1), settle(1), settle(1, { requestHash: 'b' })], second)
    expect(outcomes).toMatchObject([
      { kind: 'settled', hold: { status } },
      { kind: 'settled' },
      { error: { reason: 'reservation_closed' } },
    ])
    expect(world.charges.map(({ price: { amount: cost } }) => cost)).toEqual([30n])
    expect(world.projects.get(1)).toMatchObject({ spent: 30n, reserved: 0n })
  })

  test('for more than was reserved is written, even past the limit', () => {
    const world = held()
    world.run([settle(1, { price: price(400n) })])
    expect(world.projects.get(1)).toMatchObject({ spent: 400n, reserved: 0n })
  })

  test('with an unknown model or past the largest amount changes nothing', () => {
    const world = held()
    const { outcomes } = world.run([
      settle(1, { price: unknown }),
      record({ projectId: 2 }),
      settle(1, { price: price(MAX_NANO_USD) }),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'charged', 'refused'])
    expect(world.holds.get(1)?.status).toBe('held')
    expect(world.projects.get(1)?.reserved).toBe(40n)
  })
})

test('release can be repeated, also after expiry, but not after a settlement', () => {
  const world = newWorld()
  world.run([reserve(), reserve({ projectId: 3 }), reserve({ projectId: 2 })])
  const { outcomes } = world.run([release(1), release(1), settle(3), release(3)])
  expect(outcomes).toMatchObject([
    { hold: { status: 'released' } },
    { hold: { status: 'released' } },
    {},
    { error: { reason: 'reservation_closed' } },
  ])
  expect(world.run([release(2)], 10).outcomes).toMatchObject([{ hold: { status: 'expired' } }])
})

test('extend moves the expiry of open holds only', () => {
  const world = newWorld()
  world.run([reserve()], 0)
  world.run([extend(1, 10)], 5)
  expect(world.run([], 14).changedHolds.size).toBe(0)
  expect(world.run([extend(1, 10)], 15).outcomes).toMatchObject([{ error: { reason: 'reservation_closed' } }])
})
