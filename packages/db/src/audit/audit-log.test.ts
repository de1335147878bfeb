import { CreateProjectInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject, updateProject, updateProjectStatus } from '../ledger/projects.js'
import { EVERYTHING } from '../scope.js'
import { createApiKey, revokeApiKey, rotateApiKey } from '../stores/api-keys.js'
import { setPrice } from '../stores/prices.js'
import { closeSession, createSession, extendSession } from '../stores/sessions.js'
import { createUser, setUserActive, updateUser } from '../stores/users.js'
import { everyDatabase, migratedDatabase } from '../testing/index.js'
import { listAuditEntries, SYSTEM } from './audit-log.js'

describe.each(everyDatabase)('the audit log on $name', (database) => {
  let db: Knex
  const zoe = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
  const snake = CreateProjectInput.parse({ name: 'Snake', idea: 'A game', metadata: { b: 1, a: [2] } })
  const key = { name: 'k', prefix: 'p', apiKeyHash: 'h', scopes: ['write' as const] }

  beforeAll(async () => {
    db = await migratedDatabase(database)
    await createUser(db, zoe, SYSTEM)
  })
  afterAll(() => db?.destroy())

  const entriesOf = async (subject: string) => (await listAuditEntries(db, EVERYTHING, { limit: 50, subject })).items

  test.each<[change: string, sql: string]>([
    ['an update', `UPDATE audit_log SET actor = 'user:2'`],
    ['an update of one row', `UPDATE audit_log SET actor = 'user:2' WHERE id = 1`],
    ['a deletion', 'DELETE FROM audit_log'],
    ['a deletion of one row', 'DELETE FROM audit_log WHERE id = 1'],
    database.name === 'postgres'
      ? ['a truncation', 'TRUNCATE audit_log']
      : ['a replacement', `INSERT OR REPLACE INTO audit_log (id, actor, action, subject) VALUES (1, 'a', 'b', 'c')`],
  ])('refuses %s', async (_, sql) => {
    const rows = await db('audit_log').select()
    expect(rows.length).toBeGreaterThan(0)
    await expect(db.raw(sql)).rejects.toThrow('audit_log is append-only')
    expect(await db('audit_log').select()).toEqual(rows)
  })

  if (database.name === 'postgres') {
    test('refuses a deletion in a session that replicates', async () => {
      const replica = db.transaction(async (trx) => {
        await trx.raw('SET LOCAL session_replication_role = replica')
        await trx.raw('DELETE FROM audit_log')
      })
      await expect(replica).rejects.toThrow('audit_log is append-only')
    })
  }

  test('keeps the whole of what is new, and of a change the id and the fields that differ', async () => {
    const project = await createProject(db, 1, snake, SYSTEM)
    const after = await updateProject(db, EVERYTHING, { id: project.id, name: 'Pong', metadata: { a: [2] } }, SYSTEM)
    const { id, name, metadata, updatedAt } = project
    expect(await entriesOf(`project:${id}`)).toMatchObject([
      {
        ...SYSTEM,
        userId: 1,
        action: 'projects.update',
        before: { id, name, metadata, ...(after.updatedAt !== updatedAt && { updatedAt }) },
        after: { id, name: 'Pong', metadata: { a: [2] } },
      },
      { ...SYSTEM, userId: 1, action: 'projects.create', before: null, after: project },
    ])
    const [update] = await entriesOf(`project:${id}`)
    expect(Object.keys(update?.after ?? {})).not.toContain('idea')
  })

  test('has no entry of what changes nothing', async () => {
    const { id } = await createProject(db, 1, { ...snake, idempotencyKey: 'once' }, SYSTEM)
    await updateUser(db, EVERYTHING, { id: 1, email: 'zoe@example.net' }, SYSTEM)
    const count = async () => (await db('audit_log').select()).length
    const before = await count()
    await createProject(db, 1, { ...snake, idempotencyKey: 'once' }, SYSTEM)
    await updateProject(db, EVERYTHING, { id, name: snake.name, metadata: { a: [2], b: 1 } }, SYSTEM)
    await expect(updateProject(db, EVERYTHING, { id: 99, name: 'Pong' }, SYSTEM)).rejects.toThrow('not found')
    await expect(updateProjectStatus(db, EVERYTHING, { id, status: 'completed' }, SYSTEM)).rejects.toThrow('cannot')
    await updateUser(db, EVERYTHING, { id: 1, email: 'zoe@example.net' }, SYSTEM)
    await setUserActive(db, EVERYTHING, { id: 1, active: true }, SYSTEM)
    expect(await count()).toBe(before)
  })

  test('has the states of one subject without a gap, also when it is changed many times at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `zoe-${index}@example.com`)
    await Promise.all(names.map((email) => updateUser(db, EVERYTHING, { id: 1, email }, SYSTEM)))
    const emails = (await entriesOf('user:1')).filter(({ action }) => action === 'users.update').slice(0, 8)
    expect(emails.map(({ after }) => after?.email).sort()).toEqual(names)
    const [, ...earlier] = emails.map(({ after }) => after?.email)
    expect(emails.slice(0, -1).map(({ before }) => before?.email)).toEqual(earlier)
  })

  test('is written in the transaction of the change: without its entry, nothing changes', async () => {
    const { id } = await createProject(db, 1, snake, SYSTEM)
    const apiKey = await createApiKey(db, 1, { ...key, lookup: 'a' }, SYSTEM)
    const opened = { kind: 'token', apiKeyId: apiKey.id, ttlSeconds: 60 } as const
    const session = await createSession(db, 1, { ...opened, tokenLookup: 'a' }, SYSTEM)
    const tables = ['users', 'api_keys', 'projects', 'sessions', 'prices', 'audit_log']
    const content = () => Promise.all(tables.map((table) => db(table).select().orderBy('id')))
    const before = await content()
    // The table refuses an entry without an actor.
    const nobody = { ...SYSTEM, actor: null as unknown as string }
    const changes: (() => Promise<unknown>)[] = [
      () => createUser(db, { ...zoe, username: 'ada', email: 'ada@example.com' }, nobody),
      () => updateUser(db, EVERYTHING, { id: 1, email: 'other@example.com' }, nobody),
      () => setUserActive(db, EVERYTHING, { id: 1, active: false }, nobody),
      () => createApiKey(db, 1, { ...key, lookup: 'b' }, nobody),
      () => rotateApiKey(db, EVERYTHING, { ...key, lookup: 'c', id: apiKey.id, overlapSeconds: 1 }, nobody),
      () => revokeApiKey(db, EVERYTHING, apiKey.id, nobody),
      () => createProject(db, 1, { ...snake, idempotencyKey: 'lost' }, nobody),
      () => updateProject(db, EVERYTHING, { id, investment: '9' }, nobody),
      () => updateProjectStatus(db, EVERYTHING, { id, status: 'failed' }, nobody),
      () => createSession(db, 1, { ...opened, tokenLookup: 'b' }, nobody),
      () => extendSession(db, EVERYTHING, { id: session.id, ttlSeconds: 600 }, nobody),
      () => closeSession(db, EVERYTHING, session.id, nobody),
      () => setPrice(db, { model: 'm', inputPrice: '1', outputPrice: '1' }, nobody),
    ]
    for (const change of changes) await expect(change(), String(change)).rejects.toThrow(/null/i)
    expect(await content()).toEqual(before)
  })
})
