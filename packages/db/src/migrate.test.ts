import { CostRecord } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from './audit/audit-log.js'
import { openDatabase } from './database.js'
import { readState } from './database-state.js'
import { createLedger } from './ledger/ledger.js'
import { createProject } from './ledger/projects.js'
import { isMigrated, migrateLatest, migrateRollback } from './migrate.js'
import { EVERYTHING } from './scope.js'
import { createUser } from './stores/users.js'
import { testDatabases } from './testing/index.js'

describe.each(testDatabases)('migrations on $name', (database) => {
  let url: string
  let db: Knex
  beforeEach(async () => {
    url = await database.url()
    db = await openDatabase(url)
  })
  afterEach(() => db.destroy())

  async function tables(): Promise<string[]> {
    const names =
      database.name === 'sqlite'
        ? await db('sqlite_master').where({ type: 'table' }).whereNot('name', 'like', 'sqlite_%').pluck('name')
        : await db('information_schema.tables').where({ table_schema: 'public' }).pluck('table_name')
    return names.filter((name: string) => !name.startsWith('knex_migrations')).sort()
  }

  const all = [
    'api_keys',
    'audit_log',
    'cost_records',
    'cost_rollups',
    'failed_sign_ins',
    'identities',
    'ledger_verifications',
    'price_versions',
    'prices',
    'projects',
    'reservations',
    'sessions',
    'signing_keys',
    'unknown_models',
    'users',
  ]

  test('run up, down with rows in the tables, and up again', async () => {
    expect(await isMigrated(db)).toBe(false)
    const names = await migrateLatest(db)
    expect(names.every((name) => /^\d{14}-[a-z-]+$/.test(name))).toBe(true)
    expect(await tables()).toEqual(all)
    expect(await readState(db)).toEqual({ kind: 'current', completed: names, pending: [] })
    const user = await createUser(
      db,
      {
        username: 'zoe',
        email: 'zoe@example.com',
        role: 'member',
        spendingLimit: null,
      },
      SYSTEM,
    )
    const project = await createProject(db, user.id, { name: 'Snake', idea: 'A game', investment: '3' }, SYSTEM)
    const call = { projectId: project.id, model: 'gpt-4o', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 }
    expect(CostRecord.parse((await createLedger(db).record(EVERYTHING, call)).record).projectId).toBe(project.id)
    expect(await migrateRollback(db)).toEqual(names.toReversed())
    expect(await tables()).toEqual([])
    expect(await migrateLatest(db)).toEqual(names)
    expect(await migrateLatest(db)).toEqual([])
  })

  test('by several processes at once result in one schema', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)))
    const ran = await Promise.all([db, ...others].map((each) => migrateLatest(each)))
    await Promise.all(others.map((other) => other.destroy()))
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
    expect(await tables()).toEqual(all)
  })

  test('are not blocked by the lock row of a killed process', async () => {
    await migrateLatest(db)
    await migrateRollback(db)
    await db('knex_migrations_lock').update({ is_locked: 1 })
    expect((await migrateLatest(db)).length).toBeGreaterThan(0)
  })

  test('are looked up by reading alone, and keep their one lock row', async () => {
    await migrateLatest(db)
    const rows = await db('knex_migrations_lock')
    expect(rows).toHaveLength(1)
    await db('knex_migrations_lock').update({ is_locked: 1 })
    const readOnly = '?options=-c%20default_transaction_read_only%3Don'
    const reader = await openDatabase(database.name === 'postgres' ? url + readOnly : url)
    if (database.name === 'sqlite') await reader.raw('PRAGMA query_only = 1')
    await expect(reader('knex_migrations_lock').update({ is_locked: 0 })).rejects.toThrow()
    expect(await isMigrated(reader)).toBe(true)
    await reader.destroy()
    await migrateRollback(db)
    await migrateLatest(db)
    // Deleted and inserted again, the row would have another index, and beside another writer there could be two.
    expect(await db('knex_migrations_lock')).toEqual(rows)
  })
})
