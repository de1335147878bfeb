import { CostRecord, type RecordCostInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { listCostRecords, totalCostRecords } from '../stores/cost-records.js'
import { createUser } from '../stores/users.js'
import { everyDatabase, migratedDatabase } from '../testing/index.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject } from './projects.js'

describe.each(everyDatabase)('the ledger on $name', (database) => {
  let db: Knex
  let ledger: Ledger
  let userId: number
  let call: RecordCostInput

  beforeAll(async () => {
    db = await migratedDatabase(database)
    ledger = createLedger(db)
    userId = (
      await createUser(db, { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null }, SYSTEM)
    ).id
  })
  afterAll(() => db?.destroy())

  async function newProject(investment = '3') {
    const { id: projectId } = await createProject(db, userId, { name: 'Snake', idea: 'A game', investment }, SYSTEM)
    const tokens = { promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 0 }
    call = { projectId, model: 'gpt-4-turbo', ...tokens, actionType: 'WritePRD', totalCost: '0.1' }
    return projectId
  }

  test('0.1 a thousand times is exactly 100', async () => {
    const projectId = await newProject()
    const results = await ledger.recordMany(EVERYTHING, Array(1000).fill(call))
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect(await totalCostRecords(db, EVERYTHING, projectId)).toMatchObject({
      totalCost: '100',
      records: 1000,
      promptTokens: 1_000_000,
    })
  })

  test('64 concurrent calls write 64 rows, and both totals are their sum', async () => {
    const projectId = await newProject()
    const before = BigInt((await db('users').where({ id: userId }).first()).totalCost)
    const costs = Array.from({ length: 64 }, (_, index) => `0.${String(index + 1).padStart(9, '0')}`)
    const answers = await Promise.all(costs.map((totalCost) => ledger.record(EVERYTHING, { ...call, totalCost })))
    expect(new Set(answers.map(({ record }) => record.id)).size).toBe(64)
    expect(answers.map(({ record }) => record.totalCost)).toEqual(costs.map((cost) => cost.replace(/0+$/, '')))
    const stored = (await listCostRecords(db, EVERYTHING, { projectId, limit: 64 })).items
    expect(answers.map(({ record }) => record)).toEqual(
      answers.map(({ record }) => CostRecord.parse(stored.find(({ id }) => id === record.id))),
    )
    expect(await totalCostRecords(db, EVERYTHING, projectId)).toMatchObject({ records: 64, totalCost: '0.00000208' })
    const { totalCost } = await db('projects').where({ id: projectId }).first()
    const after = BigInt((await db('users').where({ id: userId }).first()).totalCost)
    expect([BigInt(totalCost), after - before]).toEqual([2080n, 2080n])
  })

  test('the accounts are locked first, and later statements are sent without waiting', async () => {
    const projectId = await newProject()
    const { reservation } = await ledger.reserve(EVERYTHING, {
      projectId,
      amount: '0.1',
      ttlSeconds: 60,
      idempotencyKey: 'a',
    })
    const sent: string[] = []
    const answered: string[] = []
    const kindOf = (sql: string) =>
      /^(BEGIN|COMMIT|WITH wanted|WITH chosen|WITH step|INSERT|UPDATE|SELECT)/.exec(sql)?.[0] ?? sql
    db.on('query', ({ sql }) => sent.push(kindOf(sql)))
    db.on('query-response', (_, { sql }) => answered.push(`${sent.length} sent, ${kindOf(sql)}`))
    const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = call
    const usage = { model, promptTokens, completionTokens, cachedPromptTokens, totalCost }
    await Promise.all([
      ledger.record(EVERYTHING, { ...call, idempotencyKey: 'b' }),
      ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage }),
      ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60, idempotencyKey: 'c' }),
    ])
    db.removeAllListeners('query').removeAllListeners('query-response')
    expect(sent).toEqual(
      database.name === 'postgres'
        ? [
            ...['BEGIN', 'WITH wanted', 'SELECT', 'SELECT', 'WITH chosen', ...Array(3).fill('SELECT')],
            ...['WITH step', 'UPDATE', 'COMMIT'],
          ]
        : expect.arrayContaining(['BEGIN', 'WITH wanted', 'COMMIT']),
    )
    expect(sent[1]).toBe('WITH wanted')
    // Every lookup is sent before the lock is granted.
    if (database.name === 'postgres') expect(answered).toContain('8 sent, WITH wanted')
  })

  test('ledgers that write to one project at the same time lose no costs', async () => {
    const projectId = await newProject()
    const ledgers = [ledger, createLedger(db), createLedger(db), createLedger(db)]
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        ledgers.flatMap((each) => [
          each.record(EVERYTHING, call),
          each.record(EVERYTHING, call),
          each.record(EVERYTHING, call),
        ]),
      )
    }
    const { totalCost } = await db('projects').where({ id: projectId }).first()
    expect(totalCost).toBe(12_000_000_000)
    expect(await totalCostRecords(db, EVERYTHING, projectId)).toMatchObject({ records: 120, totalCost: '12' })
  })

  test("ledgers that write to several projects of one user lose nothing of the user's total", async () => {
    const user = { username: 'two', email: 'two@example.com', role: 'member', spendingLimit: null } as const
    const { id } = await createUser(db, user, SYSTEM)
    const other = createLedger(db)
    const projects = await Promise.all(
      [ledger, other].map(() => createProject(db, id, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)),
    )
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        [ledger, other].map((each, index) => each.record(EVERYTHING, { ...call, projectId: projects[index]?.id ?? 0 })),
      )
    }
    expect((await db('users').where({ id }).first()).totalCost).toBe(4_000_000_000)
  })

  test('one key 50 times at once, over two ledgers, writes one row and returns 50 equal results', async () => {
    const projectId = await newProject()
    const other = createLedger(db)
    const keyed = { ...call, idempotencyKey: 'once' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? ledger : other).record(EVERYTHING, keyed)),
    )
    const first = answers[0]
    for (const answer of answers) {
      expect(answer.budget).toEqual(first?.budget)
      expect(answer.record).toMatchObject(
        first?.record.id === answer.record.id ? { totalCost: '0.1' } : { id: first?.record.id },
      )
    }
    expect((await totalCostRecords(db, EVERYTHING, projectId)).records).toBe(1)
    await expect(ledger.record(EVERYTHING, { ...keyed, totalCost: '0.2' })).rejects.toMatchObject({
      reason: 'idempotency_mismatch',
    })
    expect((await totalCostRecords(db, EVERYTHING, projectId)).totalCost).toBe('0.1')
  })

  test('a repeated key returns the budget of the first call, whatever happened in between', async () => {
    await newProject()
    const first = await ledger.record(EVERYTHING, { ...call, idempotencyKey: 'first' })
    await ledger.record(EVERYTHING, call)
    const again = await ledger.record(EVERYTHING, { ...call, idempotencyKey: 'first' })
    expect(again.budget).toEqual(first.budget)
    expect(again.record).toMatchObject(first.record)
  })

  test('a cost past the budget is written, and the budget is marked as exceeded', async () => {
    await newProject('0.15')
    expect((await ledger.record(EVERYTHING, call)).budget).toMatchObject({
      spent: '0.1',
      remaining: '0.05',
      exceeded: false,
    })
    expect((await ledger.record(EVERYTHING, call)).budget).toMatchObject({
      spent: '0.2',
      remaining: '0',
      exceeded: true,
    })
  })

  test('recordMany decides each cost by itself, in order', async () => {
    const projectId = await newProject()
    const results = await ledger.recordMany(scopeTo({ userId }), [
      { ...call, totalCost: undefined, model: 'no-such-model' },
      call,
      { ...call, projectId: 999_999 },
      { ...call, totalCost: undefined },
    ])
    expect(results).toMatchObject([
      { ok: false, error: { reason: 'unknown_model' } },
      { ok: true, record: { totalCost: '0.1', priceSource: 'caller' } },
      { ok: false, error: { reason: 'not_found' } },
      { ok: true, record: { totalCost: '0.025', priceSource: 'catalogue' } },
    ])
    expect((await listCostRecords(db, EVERYTHING, { projectId, limit: 50 })).items).toHaveLength(2)
  })

  test("another tenant's project is not found and gets no row", async () => {
    const projectId = await newProject()
    await expect(ledger.record(scopeTo({ userId: userId + 1 }), call)).rejects.toMatchObject({ reason: 'not_found' })
    expect((await totalCostRecords(db, EVERYTHING, projectId)).records).toBe(0)
  })

  test('a call that the database rejects fails alone and keeps nothing', async () => {
    const projectId = await newProject()
    const calls = Array.from({ length: 20 }, (_, index) => ({ ...call, model: index === 7 ? 'refused' : 'm' }))
    // Stands for any row that the contract allows but the database rejects.
    await db.raw(`CREATE UNIQUE INDEX refuse ON cost_records (model) WHERE model = 'refused'`)
    await ledger.record(EVERYTHING, { ...call, projectId: await newProject(), model: 'refused' })
    // Its last statement is pipelined behind the rejected one and fails with it.
    const { reservation } = await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })
    const releasing = ledger.release(EVERYTHING, reservation.id)
    const answers = await Promise.allSettled(calls.map((single) => ledger.record(EVERYTHING, single)))
    await db.raw('DROP INDEX refuse')
    expect((await releasing).reservation.status).toBe('released')
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(answers[7]?.status).toBe('rejected')
    expect(await totalCostRecords(db, EVERYTHING, projectId)).toMatchObject({ records: 19, totalCost: '1.9' })
  })
})
