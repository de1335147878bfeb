import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordCostInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { getBudget } from '../reports/budget.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { getProject } from '../stores/projects.js'
import { createUser, updateUser } from '../stores/users.js'
import { everyDatabase, migratedDatabase } from '../testing/index.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject, updateProject, updateProjectStatus } from './projects.js'

describe.each(everyDatabase)('reservations on $name', (database) => {
  let db: Knex
  let ledger: Ledger
  let userId: number
  let projectId: number
  let usage: Omit<RecordCostInput, 'projectId' | 'idempotencyKey'>
  let users = 0

  beforeAll(async () => {
    db = await migratedDatabase(database)
    ledger = createLedger(db)
  })
  beforeEach(async () => {
    users += 1
    const user = { username: `u${users}`, email: `u${users}@example.com`, role: 'member', spendingLimit: null } as const
    userId = (await createUser(db, user, SYSTEM)).id
    projectId = (await newProject('1')).id
    const tokens = { promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 0 }
    usage = { model: 'gpt-4-turbo', ...tokens, totalCost: '0.1', actionType: 'WritePRD' }
  })
  afterAll(() => db?.destroy())

  const newProject = (investment: string) => createProject(db, userId, { name: 'n', idea: 'i', investment }, SYSTEM)
  const reserve = (amount: string, more: object = {}) =>
    ledger.reserve(EVERYTHING, { projectId, amount, ttlSeconds: 60, ...more })
  const due = (id: number) => db('reservations').where({ id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
  const held = async () => (await db('projects').where({ id: projectId }).first()).reserved

  test('hold an amount, are settled and give the rest back', async () => {
    const { reservation, budget } = await reserve('0.4')
    expect(budget).toEqual({ projectId, limit: '1', spent: '0', reserved: '0.4', remaining: '0.6', exceeded: false })
    expect(reservation).toMatchObject({ amount: '0.4', status: 'held', resolvedAt: null, costRecordId: null })
    expect(Date.parse(reservation.expiresAt) - Date.parse(reservation.createdAt)).toBe(60_000)
    const settled = await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })
    expect(settled).toMatchObject({
      record: { totalCost: '0.1', reservationId: reservation.id, priceSource: 'caller' },
      reservation: { status: 'settled', costRecordId: settled.record.id },
      budget: { spent: '0.1', reserved: '0', remaining: '0.9' },
      overrun: false,
      late: false,
    })
    expect(await getBudget(db, EVERYTHING, projectId)).toEqual(settled.budget)
    expect(await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })).toEqual(settled)
    const other = ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage, totalCost: '0.2' })
    await expect(other).rejects.toMatchObject({ reason: 'reservation_closed' })
  })

  test('made at once never exceed the budget and can use all of it', async () => {
    const ledgers = [ledger, createLedger(db), createLedger(db)]
    const answers = await Promise.allSettled(
      Array.from({ length: 90 }, (_, index) =>
        ledgers[index % 3]?.reserve(EVERYTHING, { projectId, amount: '0.03', ttlSeconds: 60 }),
      ),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(33)
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.reason] : []))
    expect(new Set(refusals)).toEqual(new Set(['budget_exceeded']))
    expect(await held()).toBe(990_000_000)
    await reserve('0.01')
    await expect(reserve('0.000000001')).rejects.toMatchObject({
      details: { remaining: '0', requested: '0.000000001' },
    })
  })

  test('are refused for what is held or for what is spent, by project and by user', async () => {
    await updateUser(db, EVERYTHING, { id: userId, spendingLimit: '1.2' }, SYSTEM)
    const held = (await reserve('0.7')).reservation
    const failure = (amount: string, project = projectId) =>
      ledger.reserve(EVERYTHING, { projectId: project, amount, ttlSeconds: 60 }).then(
        () => undefined,
        ({ details }) => ({ account: details.account, shortage: details.shortage, requested: details.requested }),
      )
    const { id: other } = await newProject('1')
    expect(await failure('0.4')).toEqual({ account: 'project', shortage: 'held', requested: '0.4' })
    expect(await failure('1')).toEqual({ account: 'project', shortage: 'held', requested: '1' })
    expect(await failure('1.000000001')).toEqual({ account: 'project', shortage: 'spent', requested: '1.000000001' })
    expect(await failure('0.6', other)).toEqual({ account: 'user', shortage: 'held', requested: '0.6' })
    await ledger.settle(EVERYTHING, { reservationId: held.id, ...usage, totalCost: '0.7' })
    expect(await failure('0.4')).toEqual({ account: 'project', shortage: 'spent', requested: '0.4' })
    expect(await failure('0.6', other)).toEqual({ account: 'user', shortage: 'spent', requested: '0.6' })
  })

  test('respect the spending limit of the user across all projects', async () => {
    await updateUser(db, EVERYTHING, { id: userId, spendingLimit: '1.5' }, SYSTEM)
    await reserve('1')
    const other = await newProject('1')
    const more = (amount: string) => ledger.reserve(EVERYTHING, { projectId: other.id, amount, ttlSeconds: 60 })
    await expect(more('0.6')).rejects.toMatchObject({
      reason: 'budget_exceeded',
      details: { account: 'user', limit: '1.5' },
    })
    expect((await more('0.5')).budget.reserved).toBe('0.5')
  })

  test('with one key, 40 times at once over two ledgers, create one hold', async () => {
    const other = createLedger(db)
    const input = { projectId, amount: '0.2', ttlSeconds: 60, idempotencyKey: 'once' }
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? ledger : other).reserve(EVERYTHING, input)),
    )
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await expect(ledger.reserve(EVERYTHING, { ...input, amount: '0.3' })).rejects.toMatchObject({
      reason: 'idempotency_mismatch',
    })
    expect(await held()).toBe(200_000_000)
  })

  test('repeated by key after a settlement, in time or late, have the id of the cost record', async () => {
    for (const isLate of [false, true]) {
      const again = () => reserve('0.2', { idempotencyKey: `again-${isLate}` })
      const { id } = (await again()).reservation
      if (isLate) await ledger.release(EVERYTHING, id)
      const { record } = await ledger.settle(EVERYTHING, { reservationId: id, ...usage })
      const status = isLate ? 'released' : 'settled'
      expect((await again()).reservation).toMatchObject({ id, status, costRecordId: record.id })
    }
  })

  test('past their expiry count as free at once, for new reservations and in budgets', async () => {
    const { reservation } = await reserve('1')
    await due(reservation.id)
    expect(await getBudget(db, EVERYTHING, projectId)).toMatchObject({ reserved: '0', remaining: '1' })
    expect((await reserve('1')).budget.reserved).toBe('1')
    const late = await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })
    expect(late).toMatchObject({ late: true, reservation: { status: 'expired', costRecordId: late.record.id } })
    expect(late.budget).toMatchObject({ spent: '0.1', reserved: '1', remaining: '0', exceeded: false })
  })

  test('of another project free the spending limit of the user when they expire', async () => {
    await updateUser(db, EVERYTHING, { id: userId, spendingLimit: '1' }, SYSTEM)
    const { reservation } = await reserve('1')
    await due(reservation.id)
    const other = await newProject('1')
    expect(
      (await ledger.reserve(EVERYTHING, { projectId: other.id, amount: '1', ttlSeconds: 60 })).budget.reserved,
    ).toBe('1')
    expect(await getBudget(db, EVERYTHING, projectId)).toMatchObject({ reserved: '0', remaining: '1' })
  })

  test('that no call names are swept by several servers at once', async () => {
    const holds = await Promise.all(Array.from({ length: 10 }, () => reserve('0.1')))
    for (const { reservation } of holds.slice(0, 7)) await due(reservation.id)
    await Promise.all([ledger, createLedger(db), createLedger(db)].map((each) => each.expireDue()))
    expect(await ledger.expireDue()).toBe(0)
    expect(await held()).toBe(300_000_000)
    const statuses = await db('reservations').where({ projectId }).orderBy('id').pluck('status')
    expect(statuses).toEqual([...Array(7).fill('expired'), ...Array(3).fill('held')])
  })

  test("expire by the database's clock", async () => {
    const { reservation } = await reserve('1', { ttlSeconds: 1 })
    await ledger.extend(EVERYTHING, { reservationId: reservation.id, ttlSeconds: 2 })
    await sleep(1_100)
    await expect(reserve('0.1')).rejects.toMatchObject({ reason: 'budget_exceeded' })
    await sleep(1_000)
    expect((await reserve('0.1')).budget.reserved).toBe('0.1')
  })

  test('are released once, and stay released', async () => {
    const { reservation } = await reserve('0.5')
    const released = await ledger.release(EVERYTHING, reservation.id)
    expect(released).toMatchObject({ reservation: { status: 'released' }, budget: { reserved: '0' } })
    expect(await ledger.release(EVERYTHING, reservation.id)).toEqual(released)
    await expect(ledger.extend(EVERYTHING, { reservationId: reservation.id, ttlSeconds: 9 })).rejects.toMatchObject({
      reason: 'reservation_closed',
    })
  })

  test('end with their project', async () => {
    await updateProjectStatus(db, EVERYTHING, { id: projectId, status: 'running' }, SYSTEM)
    const { reservation } = await reserve('0.5')
    expect(await updateProjectStatus(db, EVERYTHING, { id: projectId, status: 'completed' }, SYSTEM)).toMatchObject({
      reserved: '0',
    })
    expect(await ledger.release(EVERYTHING, reservation.id)).toMatchObject({ reservation: { status: 'released' } })
    expect((await db('users').where({ id: userId }).first()).reserved).toBe(0)
    await expect(reserve('0.1')).rejects.toMatchObject({ reason: 'conflict' })
    expect((await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })).late).toBe(true)
  })

  test('prevent lowering an investment below them', async () => {
    await reserve('0.5')
    await expect(updateProject(db, EVERYTHING, { id: projectId, investment: '0.49' }, SYSTEM)).rejects.toMatchObject({
      reason: 'conflict',
    })
    await updateProject(db, EVERYTHING, { id: projectId, investment: '0.5' }, SYSTEM)
    await expect(reserve('0.01')).rejects.toMatchObject({ reason: 'budget_exceeded' })
  })

  test('by model hold the most that the call may cost', async () => {
    const maxima = { maxPromptTokens: 1000, maxCompletionTokens: 500 }
    const { reservation } = await ledger.reserve(EVERYTHING, {
      projectId,
      model: 'gpt-4-turbo',
      ...maxima,
      ttlSeconds: 60,
    })
    expect(reservation.amount).toBe('0.025')
    const unknown = ledger.reserve(EVERYTHING, { projectId, model: 'no-such-model', ...maxima, ttlSeconds: 60 })
    await expect(unknown).rejects.toMatchObject({ reason: 'unknown_model' })
  })

  test('an overrun is written and reported, and stops further reservations', async () => {
    const { reservation } = await reserve('0.5')
    const settled = await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage, totalCost: '1.2' })
    expect(settled).toMatchObject({
      overrun: true,
      late: false,
      budget: { spent: '1.2', remaining: '0', exceeded: true },
    })
    await expect(reserve('0.000000001')).rejects.toMatchObject({ reason: 'budget_exceeded' })
  })

  test('an adjustment corrects the total, once per key, and writes an audit entry', async () => {
    await ledger.record(EVERYTHING, { projectId, ...usage, totalCost: '0.9' })
    const requester = { actor: 'user:1', credential: null, requestId: 'request', address: null }
    const correction = { projectId, totalCost: '0.2', reason: 'billed twice', idempotencyKey: 'fix' }
    const { record, budget } = await ledger.adjust(EVERYTHING, correction, requester)
    expect([record.totalCost, record.priceSource, budget.spent]).toEqual(['-0.7', 'adjustment', '0.2'])
    expect((await ledger.adjust(EVERYTHING, correction, requester)).record).toEqual(record)
    expect(await getProject(db, EVERYTHING, projectId)).toMatchObject({ totalCost: '0.2' })
    const audits = await db('audit_log').where({ subject: `project:${projectId}`, action: 'costs.adjust' })
    expect(audits).toMatchObject([{ actor: 'user:1', action: 'costs.adjust', requestId: 'request' }])
    expect(JSON.stringify(audits)).toContain('billed twice')
  })

  test('of another tenant are not found and not changed', async () => {
    const { reservation } = await reserve('0.5')
    const stranger = scopeTo({ userId: userId + 1_000 })
    const input = { reservationId: reservation.id }
    const calls = [
      () => ledger.settle(stranger, { ...input, ...usage }),
      () => ledger.release(stranger, reservation.id),
      () => ledger.extend(stranger, { ...input, ttlSeconds: 9 }),
      () => ledger.release(EVERYTHING, 999_999),
      () => getBudget(db, stranger, projectId),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: 'not_found' })
    expect(await held()).toBe(500_000_000)
  })

  test('rollups are the sums of the records', async () => {
    for (const totalCost of ['0.1', '0.2']) await ledger.record(EVERYTHING, { projectId, ...usage, totalCost })
    await ledger.record(EVERYTHING, { projectId, ...usage, model: 'other', actionType: null })
    const { reservation } = await reserve('0.1')
    await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })
    const rollups = await db('cost_rollups').where({ projectId }).orderBy('model')
    expect(rollups).toMatchObject([
      { model: 'gpt-4-turbo', actionType: 'WritePRD', records: 3, promptTokens: 3000, totalCost: 400_000_000, userId },
      { model: 'other', actionType: '', records: 1, completionTokens: 500, totalCost: 100_000_000 },
    ])
  })
})
