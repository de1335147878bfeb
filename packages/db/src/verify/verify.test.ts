import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../database.js'
import { createLedger } from '../ledger/ledger.js'
import { migrateLatest } from '../migrate.js'
import { readGauges } from '../reports/gauges.js'
import { EVERYTHING } from '../scope.js'
import { testDatabases } from '../testing/index.js'
import { runTraffic, type Traffic } from '../testing/ledger-traffic.js'
import { driftLine } from './drift.js'
import { createVerifier } from './verifier.js'
import { verifyInPages, verifyLedger } from './verify.js'

const usage = { model: 'gpt-4o', promptTokens: 10, completionTokens: 5, cachedPromptTokens: 0, totalCost: '0.2' }

describe.each(testDatabases)('verifying on $name', (database) => {
  let url: string
  let db: Knex
  let traffic: Traffic
  beforeEach(async () => {
    url = await database.migratedUrl()
    db = await openDatabase(url)
    traffic = await runTraffic(db, 7)
  })
  afterEach(() => db.destroy())

  const verify = (maxDrifts = 100) => verifyLedger(db, { maxDrifts })
  const inPages = (signal = new AbortController().signal) => verifyInPages(db, { maxDrifts: 100, signal })
  const lines = async () => (await verify()).drifts.map(driftLine)
  const nthProject = (index: number) => traffic[index] as Traffic[number]

  /** Changes rows behind the ledger's back, with foreign keys not enforced. */
  async function tamper(...statements: string[]): Promise<void> {
    const off = database.name === 'sqlite' ? 'PRAGMA foreign_keys = OFF' : `SET session_replication_role = replica`
    const vandal = await openDatabase(url, { poolMax: 1 })
    for (const statement of [off, ...statements]) await vandal.raw(statement)
    await vandal.destroy()
  }

  test('after any ledger traffic the books balance, and the result counts what was checked', async () => {
    const rows = async (table: string) => (await db(table).count('* AS rows').first())?.rows
    const tables = ['users', 'projects', 'cost_records', 'reservations', 'cost_rollups']
    const [users, projects, records, reservations, rollups] = await Promise.all(tables.map(rows))
    expect(await verify()).toEqual({
      ok: true,
      verifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      checked: { users, projects, records, reservations, rollups },
      drifts: [],
      hasMore: false,
    })
    expect(await inPages()).toEqual({ verifiedAt: expect.any(String), drifts: [], hasMore: false })
    expect(records).toBeGreaterThan(100)
    expect(reservations).toBeGreaterThan(20)
  })

  test('an empty database balances', async () => {
    const empty = await openDatabase(await database.url())
    await migrateLatest(empty)
    expect(await verifyLedger(empty, { maxDrifts: 1 })).toMatchObject({ ok: true, checked: { users: 0, records: 0 } })
    await empty.destroy()
  })

  test('changed totals are listed with what they should be', async () => {
    const { userId, projectId } = nthProject(1)
    const project = await db('projects').where({ id: projectId }).first()
    const user = await db('users').where({ id: userId }).first()
    await tamper(
      `UPDATE projects SET total_cost = total_cost + 1 WHERE id = ${projectId}`,
      `UPDATE users SET reserved = reserved + 1000000000 WHERE id = ${userId}`,
    )
    const { ok, drifts } = await verify()
    expect(ok).toBe(false)
    const nano = (amount: number) => (amount / 1e9).toFixed(9).replace(/\.?0+$/, '')
    expect(drifts).toEqual([
      {
        what: `project ${projectId}: totalCost`,
        expected: nano(project.totalCost),
        found: nano(project.totalCost + 1),
        difference: '0.000000001',
      },
      {
        what: `user ${userId}: totalCost`,
        expected: nano(user.totalCost + 1),
        found: nano(user.totalCost),
        difference: '-0.000000001',
      },
      {
        what: `user ${userId}: reserved`,
        expected: nano(user.reserved),
        found: nano(user.reserved + 1e9),
        difference: '1',
      },
    ])
  })

  test('a deleted record shows in its project, its rollup and its hold', async () => {
    const { projectId } = nthProject(3)
    const ledger = createLedger(db)
    const { reservation } = await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })
    const { record } = await ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage })
    const today = record.createdAt.slice(0, 10)
    await tamper(`DELETE FROM cost_records WHERE id = ${record.id}`)
    const rollup = `rollup of project ${projectId}, ${today}, "gpt-4o", no action`
    const found = await lines()
    expect(found[0]).toMatch(new RegExp(`^project ${projectId}: totalCost should be .* \\(off by 0.2\\)$`))
    expect(found.slice(1)).toEqual([
      `${rollup}: records should be 0, is 1 (off by 1)`,
      `${rollup}: promptTokens should be 0, is 10 (off by 10)`,
      `${rollup}: completionTokens should be 0, is 5 (off by 5)`,
      `${rollup}: totalCost should be 0, is 0.2 (off by 0.2)`,
      `reservation ${reservation.id} (settled): its cost record should be cost record ${record.id}, is none`,
    ])
  })

  test('an inserted record shows as one too many', async () => {
    const { userId, projectId } = nthProject(0)
    await tamper(`INSERT INTO cost_records (user_id, project_id, model, prompt_tokens, completion_tokens,
      cached_prompt_tokens, total_cost, price_source, created_at)
      VALUES (${userId}, ${projectId}, 'new', 0, 0, 0, 5, 'caller', '2020-02-29T23:59:59.999Z')`)
    const found = await lines()
    expect(found[0]).toMatch(new RegExp(`^project ${projectId}: totalCost should be .* \\(off by -0.000000005\\)$`))
    expect(found.slice(1)).toEqual([
      `rollup of project ${projectId}, 2020-02-29, "new", no action: records should be 1, is 0 (off by -1)`,
      `rollup of project ${projectId}, 2020-02-29, "new", no action: totalCost should be 0.000000005, is 0 (off by -0.000000005)`,
    ])
  })

  test.each([
    ['records = records + 1', /records should be .* \(off by 1\)$/],
    ['prompt_tokens = prompt_tokens - 1', /promptTokens should be .* \(off by -1\)$/],
    ['completion_tokens = 9007199254740991', /completionTokens should be .*, is 9007199254740991 /],
    ['total_cost = -total_cost - 1', /totalCost should be /],
  ])('a changed rollup is named: %s', async (change, line) => {
    const { id, projectId, model } = await db('cost_rollups').orderBy('id').first()
    await tamper(`UPDATE cost_rollups SET ${change} WHERE id = ${id}`)
    const found = await lines()
    expect(found).toEqual([expect.stringMatching(line)])
    expect(found[0]).toContain(`rollup of project ${projectId}, `)
    expect(found[0]).toContain(JSON.stringify(model))
  })

  test('deleted rollups and rollups moved to another day are listed, up to the maximum', async () => {
    await tamper(`UPDATE cost_rollups SET day = '2020-01-01'`)
    const { drifts, hasMore } = await verify(10)
    expect([drifts.length, hasMore]).toEqual([10, true])
    const { length } = (await verify(10_000)).drifts
    expect(length).toBeGreaterThan(100)
    expect(await verify(length)).toMatchObject({ hasMore: false })
    expect(await verify(length - 1)).toMatchObject({ hasMore: true })
    await tamper('DELETE FROM cost_rollups')
    expect((await lines()).every((line) => / is 0 /.test(line))).toBe(true)
  })

  test('token sums past the cap of a rollup are no drift', async () => {
    const { projectId } = nthProject(3)
    const most = { ...usage, promptTokens: Number.MAX_SAFE_INTEGER, totalCost: '0' }
    const ledger = createLedger(db)
    await ledger.recordMany(
      EVERYTHING,
      Array(1100)
        .fill({ projectId, ...most })
        .slice(0, 1000),
    )
    await ledger.recordMany(EVERYTHING, Array(100).fill({ projectId, ...most }))
    expect(await lines()).toEqual([])
  })

  test('miscounted holds, orphans and crossed links are listed', async () => {
    const { projectId } = nthProject(3)
    const { projectId: other } = nthProject(2)
    const ledger = createLedger(db)
    const hold = async () =>
      (await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })).reservation.id
    const settled = async () => (await ledger.settle(EVERYTHING, { reservationId: await hold(), ...usage })).record
    const ids = [await hold(), await hold()]
    const [first, second, third] = [await settled(), await settled(), await settled()]
    const last = Math.max(first.id, second.id, third.id)
    await tamper(
      `UPDATE reservations SET status = 'released' WHERE id = ${ids[0]}`,
      `UPDATE reservations SET status = 'settled' WHERE id = ${ids[1]}`,
      `UPDATE reservations SET cost_record_id = NULL WHERE id = ${first.reservationId}`,
      `UPDATE reservations SET cost_record_id = ${last + 7} WHERE id = ${second.reservationId}`,
      `DELETE FROM reservations WHERE id = ${third.reservationId}`,
    )
    const found = await lines()
    expect(found[0]).toMatch(new RegExp(`^project ${projectId}: reserved should be .* \\(off by 0.2\\)$`))
    expect(found.slice(1)).toEqual([
      `reservation ${ids[1]} (settled): its cost record should be one that it links to, is none`,
      `reservation ${first.reservationId} (settled): its cost record should be one that it links to, is cost record ${first.id}`,
      `reservation ${second.reservationId} (settled): its cost record should be cost record ${last + 7}, is cost record ${second.id}`,
      `cost record ${third.id}: the project of its reservation ${third.reservationId} should be project ${projectId}, is none`,
    ])
    await tamper(
      `UPDATE reservations SET status = 'held' WHERE id = ${second.reservationId}`,
      `UPDATE reservations SET project_id = ${other} WHERE id = ${first.reservationId}`,
    )
    const more = await lines()
    expect(more).toContain(
      `reservation ${second.reservationId} (held): its cost record should be none, is cost record ${second.id}`,
    )
    expect(more).toContain(
      `cost record ${first.id}: the project of its reservation ${first.reservationId} should be project ${projectId}, is project ${other}`,
    )
  })

  test('rows of another tenant are listed', async () => {
    const { userId, projectId } = nthProject(0)
    const stranger = nthProject(3).userId
    const ids = []
    for (const table of ['cost_records', 'reservations', 'cost_rollups']) {
      const { id } = await db(table).where({ projectId }).first()
      await tamper(`UPDATE ${table} SET user_id = ${stranger} WHERE id = ${id}`)
      ids.push(id)
    }
    const line = (row: string) => `${row}: its user should be user ${userId}, is user ${stranger}`
    expect(await lines()).toEqual([
      line(`cost record ${ids[0]}`),
      line(`reservation ${ids[1]}`),
      line(`rollup ${ids[2]}`),
    ])
  })

  test('rows of a deleted project are listed', async () => {
    const { projectId } = nthProject(3)
    await tamper(`DELETE FROM projects WHERE id = ${projectId}`)
    const found = await lines()
    expect(found[0]).toMatch(new RegExp(`^project ${projectId}: totalCost should be .*, is 0 `))
    expect(found.some((line) => line.startsWith(`user ${nthProject(3).userId}: totalCost`))).toBe(true)
  })

  test('calls in progress cause no drift and do not wait for the check', async () => {
    const ledger = createLedger(db)
    const { projectId } = nthProject(3)
    let isOver = false
    let recorded = 0
    let slowest = 0
    const calls = (async () => {
      while (!isOver) {
        const begin = performance.now()
        await Promise.all(
          [1, 2, 3].map(() => ledger.record(EVERYTHING, { projectId, ...usage, totalCost: '0.000001' })),
        )
        slowest = Math.max(slowest, performance.now() - begin)
        recorded += 3
      }
    })()
    for (let round = 0; round < 10 || recorded < 12; round += 1) {
      expect(await lines()).toEqual([])
      expect(await inPages()).toMatchObject({ drifts: [] })
    }
    isOver = true
    await calls
    expect(slowest).toBeLessThan(2_000)
  })

  test('a verifier runs once for concurrent calls, and records its last result for all servers', async () => {
    const verifier = createVerifier(db)
    expect(await readGauges(db)).toMatchObject({ verifiedAt: null, drifts: 0 })
    const [first, second] = await Promise.all([verifier.run(), verifier.run()])
    expect(second).toBe(first)
    await tamper('UPDATE users SET reserved = reserved + 1')
    expect(await readGauges(db)).toMatchObject({ verifiedAt: first.verifiedAt, drifts: 0 })
    const last = await verifier.run()
    expect(last).toMatchObject({ ok: false })
    expect(await readGauges(db)).toMatchObject({ verifiedAt: last.verifiedAt, drifts: last.drifts.length })
  })

  test('in pages the same drifts are found as in one snapshot', async () => {
    await tamper(
      'UPDATE users SET reserved = reserved + 1',
      'UPDATE cost_rollups SET records = records + 1 WHERE id % 2 = 0',
      'UPDATE projects SET total_cost = total_cost + 1 WHERE id > 2',
      `DELETE FROM cost_records WHERE id IN (SELECT MAX(id) FROM cost_records)`,
    )
    const { drifts, hasMore } = await verify()
    expect(drifts.length).toBeGreaterThan(5)
    expect(await inPages()).toMatchObject({ drifts, hasMore })
  })
})
