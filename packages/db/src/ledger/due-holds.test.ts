import { formatUsd, MAX_NANO_USD } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { getBudget } from '../reports/budget.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { getProject, listProjects } from '../stores/projects.js'
import { createUser } from '../stores/users.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { verifyLedger } from '../verify/verify.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject, updateProject, updateProjectStatus } from './projects.js'

const DUE = 1_300
const MOST_A_TRANSACTION = 250
const LONG_AGO = '2020-01-01T00:00:00.000Z'
const LARGEST = formatUsd(MAX_NANO_USD)

describe.each(testDatabases)('very many due holds on $name', (database) => {
  let db: Knex
  let ledger: Ledger
  let userId: number
  let projectId: number
  let otherId: number
  let users = 0

  beforeAll(async () => {
    db = await migratedDatabase(database)
    ledger = createLedger(db)
  })
  /** Creates two projects of a user whose due holds use up the spending limit and both budgets. */
  beforeEach(async () => {
    users += 1
    const user = {
      username: `u${users}`,
      email: `u${users}@example.com`,
      role: 'member',
      spendingLimit: '1.3',
    } as const
    userId = (await createUser(db, user, SYSTEM)).id
    const project = () => createProject(db, userId, { name: 'n', idea: 'i', investment: '0.65' }, SYSTEM)
    projectId = (await project()).id
    otherId = (await project()).id
    const hold = { userId, amount: 1_000_000, expiresAt: LONG_AGO }
    const holds = Array.from({ length: DUE }, (_, index) => ({
      ...hold,
      projectId: index < DUE / 2 ? projectId : otherId,
    }))
    for (let start = 0; start < DUE; start += 100) await db('reservations').insert(holds.slice(start, start + 100))
    await db('projects')
      .where({ userId })
      .update({ reserved: (DUE / 2) * 1_000_000 })
    await db('users')
      .where({ id: userId })
      .update({ reserved: DUE * 1_000_000 })
  })
  afterAll(() => db?.destroy())

  const leftDue = async () => (await db('reservations').where({ userId, status: 'held', expiresAt: LONG_AGO })).length
  const due = (id: number) => db('reservations').where({ id }).update({ expiresAt: LONG_AGO })
  const reserve = (amount: string, id = projectId) =>
    ledger.reserve(EVERYTHING, { projectId: id, amount, ttlSeconds: 60 })
  const usage = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 }
  const sweep = async () => {
    while ((await ledger.expireDue()) > 0);
  }
  const expectBooksToBalance = async () => {
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true })
    await sweep()
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true })
  }

  test('are swept in batches by several servers at once', async () => {
    await ledger.expireDue()
    expect(await leftDue()).toBe(DUE - MOST_A_TRANSACTION)
    const ledgers = [ledger, createLedger(db), createLedger(db)]
    while ((await leftDue()) > 0) await Promise.all(ledgers.map((each) => each.expireDue()))
    expect(await ledger.expireDue()).toBe(0)
    expect((await getProject(db, EVERYTHING, projectId)).reserved).toBe('0')
    await expectBooksToBalance()
  })

  test('block no call, and no call expires them all', async () => {
    const first = await reserve('0.65')
    expect(first.budget).toMatchObject({ reserved: '0.65', remaining: '0' })
    await expect(reserve('0.000000001')).rejects.toMatchObject({
      reason: 'budget_exceeded',
      details: { reserved: '0.65', remaining: '0' },
    })
    const second = await reserve('0.65', otherId)
    await ledger.extend(EVERYTHING, { reservationId: second.reservation.id, ttlSeconds: 60 })
    const settled = await ledger.settle(EVERYTHING, {
      reservationId: first.reservation.id,
      ...usage,
      totalCost: '0.05',
    })
    expect(settled).toMatchObject({ late: false, budget: { spent: '0.05', reserved: '0', remaining: '0.6' } })
    const released = await ledger.release(EVERYTHING, second.reservation.id)
    expect(released.budget).toMatchObject({ reserved: '0', remaining: '0.65' })
    expect(await getBudget(db, EVERYTHING, projectId)).toEqual(settled.budget)
    expect(await leftDue()).toBe(DUE)
    await expectBooksToBalance()
    expect(await getBudget(db, EVERYTHING, projectId)).toEqual(settled.budget)
  })

  test('are not counted in budgets, projects or lists', async () => {
    const { reservation } = await reserve('0.1')
    const costs = [
      await ledger.record(EVERYTHING, { projectId, ...usage, totalCost: '0.01' }),
      await ledger.adjust(
        EVERYTHING,
        { projectId, totalCost: '0.02', reason: 'r' },
        { actor: 'user:1', credential: null, requestId: 'r', address: null },
      ),
    ]
    expect(costs.map(({ budget }) => budget.reserved)).toEqual(['0.1', '0.1'])
    const seen = async () => {
      const { items } = await listProjects(db, scopeTo({ userId }), { limit: 10 })
      expect(items.find(({ id }) => id === projectId)).toEqual(await getProject(db, EVERYTHING, projectId))
      return [...items.map(({ reserved }) => reserved), (await getBudget(db, EVERYTHING, projectId)).reserved]
    }
    expect(await seen()).toEqual(['0', '0.1', '0.1'])
    await due(reservation.id)
    expect(await seen()).toEqual(['0', '0', '0'])
    expect(await updateProject(db, EVERYTHING, { id: projectId, name: 'other' }, SYSTEM)).toMatchObject({
      reserved: '0',
      name: 'other',
    })
    expect(await updateProjectStatus(db, EVERYTHING, { id: projectId, status: 'failed' }, SYSTEM)).toMatchObject({
      reserved: '0',
    })
    expect(await leftDue()).toBe(DUE + 1)
    await expectBooksToBalance()
    expect(await seen()).toEqual(['0', '0', '0'])
  })

  test('are returned as expired when their key is repeated', async () => {
    const again = () => ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60, idempotencyKey: 'x' })
    const first = await again()
    await due(first.reservation.id)
    const expired = await again()
    expect(expired.budget).toEqual(first.budget)
    expect(expired.reservation).toMatchObject({ id: first.reservation.id, status: 'expired' })
    expect(expired.reservation.resolvedAt).not.toBeNull()
    await expectBooksToBalance()
    expect(await again()).toEqual(expired)
  })

  test('count once when several calls of a group name the same hold', async () => {
    const again = () => ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60, idempotencyKey: 'x' })
    const { reservation } = await again()
    await due(reservation.id)
    const [one, other, released, filling] = await Promise.all([
      again(),
      again(),
      ledger.release(EVERYTHING, reservation.id),
      reserve('0.65'),
    ])
    expect(other).toEqual(one)
    expect(one.reservation).toMatchObject({ id: reservation.id, status: 'expired' })
    expect(released.budget).toMatchObject({ reserved: '0', remaining: '0.65' })
    expect(filling.budget).toMatchObject({ reserved: '0.65', remaining: '0' })
    await expectBooksToBalance()
  })

  test('of the largest amount must be swept before as much is reserved again', async () => {
    const user = {
      username: `rich${users}`,
      email: `rich${users}@example.com`,
      role: 'member',
      spendingLimit: null,
    } as const
    const rich = await createUser(db, user, SYSTEM)
    const { id } = await createProject(db, rich.id, { name: 'n', idea: 'i', investment: LARGEST }, SYSTEM)
    await due((await reserve(LARGEST, id)).reservation.id)
    await expect(reserve('0.000000001', id)).rejects.toMatchObject({ reason: 'unavailable' })
    await sweep()
    expect((await reserve(LARGEST, id)).budget).toMatchObject({ reserved: LARGEST, remaining: '0' })
  })

  test('are settled late one by one when named between sweeps', async () => {
    const ids: number[] = await db('reservations').where({ userId, status: 'held' }).orderBy('id').pluck('id')
    const [settled = 0, released = 0, extended = 0] = ids
    const late = await ledger.settle(EVERYTHING, { reservationId: settled, ...usage, totalCost: '0.05' })
    expect(late).toMatchObject({ late: true, reservation: { status: 'expired' }, budget: { reserved: '0' } })
    await ledger.expireDue()
    expect(await ledger.settle(EVERYTHING, { reservationId: settled, ...usage, totalCost: '0.05' })).toEqual(late)
    expect((await ledger.release(EVERYTHING, released)).reservation.status).toBe('expired')
    const extension = ledger.extend(EVERYTHING, { reservationId: extended, ttlSeconds: 60 })
    await expect(extension).rejects.toMatchObject({ reason: 'reservation_closed' })
    expect((await reserve('0.6')).budget).toMatchObject({ spent: '0.05', reserved: '0.6', remaining: '0' })
    await expectBooksToBalance()
  })

  test('never let reservations pass a limit while they are swept and settled', async () => {
    const ledgers = [ledger, createLedger(db), createLedger(db)]
    const calls = await Promise.allSettled(
      ledgers.flatMap((each) => [
        ...Array.from({ length: 20 }, (_, index) =>
          each.reserve(EVERYTHING, { projectId: index % 2 ? projectId : otherId, amount: '0.05', ttlSeconds: 60 }),
        ),
        each.expireDue(),
      ]),
    )
    const held = calls.filter(({ status }) => status === 'fulfilled').length - ledgers.length
    expect(held).toBe(26)
    await expectBooksToBalance()
  })

  test('are left to the sweeper when the project ends', async () => {
    const live = await reserve('0.1')
    await updateProjectStatus(db, EVERYTHING, { id: projectId, status: 'failed' }, SYSTEM)
    expect(await leftDue()).toBe(DUE)
    expect((await ledger.release(EVERYTHING, live.reservation.id)).reservation.status).toBe('released')
    expect((await getBudget(db, EVERYTHING, projectId)).reserved).toBe('0')
    await expectBooksToBalance()
    expect((await getProject(db, EVERYTHING, projectId)).reserved).toBe('0')
  })

  test('do not prevent lowering an investment', async () => {
    expect((await updateProject(db, EVERYTHING, { id: projectId, investment: '0.01' }, SYSTEM)).investment).toBe('0.01')
  })
})
