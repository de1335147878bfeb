import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING } from '../scope.js'
import { findUsableApiKey, listApiKeys, rotateApiKey } from '../stores/api-keys.js'
import { findActiveSession } from '../stores/sessions.js'
import { createUser } from '../stores/users.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'

const name = '20261128082000-scope-credentials'

describe.each(testDatabases)('scoped credentials on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  const user = async (role: 'admin' | 'member') =>
    (await createUser(db, { username: role, email: `${role}@example.com`, role, spendingLimit: null }, SYSTEM)).id
  const insertKey = async (userId: number, lookup: string, scopes: string[], more: object = {}) => {
    const row = {
      userId,
      name: lookup,
      prefix: 'p',
      lookup,
      apiKeyHash: 'hash',
      scopes: JSON.stringify(scopes),
      ...more,
    }
    const [{ id }] = await db('api_keys').insert(row).returning('id')
    return id as number
  }
  const insertSession = async (userId: number, apiKeyId: number, tokenLookup: string) => {
    const row = { userId, apiKeyId, tokenLookup, metadata: '{"a":1}', expiresAt: '2100-01-01T00:00:00.000Z' }
    const [{ id }] = await db('sessions').insert(row).returning('id')
    return id as number
  }
  const scopesOf = async (userId: number) =>
    Object.fromEntries(
      (await listApiKeys(db, EVERYTHING, userId, { limit: 50 })).items.map((key) => [key.name, key.scopes]),
    )

  test('keep what the keys and sessions of earlier versions may do', async () => {
    await db.migrate.down({ name })
    // Rows as the earlier version wrote them; its users had no column for deactivation.
    const [admin, member] = await Promise.all(
      ['admin', 'member'].map(async (role) => {
        const names = { username: role, usernameKey: role, email: role, emailKey: role }
        const [{ id }] = await db('users')
          .insert({ ...names, role })
          .returning('id')
        return id as number
      }),
    )
    if (!admin || !member) throw new Error('the users were not created')
    const full = await insertKey(admin, 'admin-full', ['read', 'write'])
    await insertKey(admin, 'admin-write', ['write'])
    await insertKey(admin, 'admin-read', ['read'])
    const revoked = { revokedAt: '2026-01-01T00:00:00.000Z' }
    await insertKey(admin, 'admin-revoked', ['read', 'write'], revoked)
    await insertKey(member, 'member-full', ['read', 'write'])
    await insertKey(member, 'member-read', ['read'])
    await insertSession(admin, full, 'earlier')
    const last = await insertSession(admin, full, 'last')
    const before = await db('sessions').orderBy('id')

    await migrateLatest(db)
    expect(await scopesOf(admin)).toEqual({
      'admin-full': ['admin'],
      'admin-write': ['admin'],
      'admin-read': ['read'],
      'admin-revoked': ['admin'],
    })
    expect(await scopesOf(member)).toEqual({ 'member-full': ['read', 'write'], 'member-read': ['read'] })
    expect(await findUsableApiKey(db, { lookups: ['admin-revoked'] })).toBeUndefined()
    expect(await db('sessions').orderBy('id')).toEqual(
      before.map((row) => ({ ...row, kind: 'token', identityId: null, scope: null })),
    )
    expect(await findActiveSession(db, ['earlier'])).toMatchObject({ kind: 'token', apiKey: { id: full } })
    expect(await insertSession(admin, full, 'next')).toBe(last + 1)
    const orphan = { tokenLookup: 'orphan', expiresAt: '2100-01-01T00:00:00.000Z', userId: 999 }
    await expect(db('sessions').insert({ ...orphan, apiKeyId: full })).rejects.toThrow(/foreign key/i)
    await expect(db('sessions').insert({ ...orphan, userId: admin, apiKeyId: 999 })).rejects.toThrow(/foreign key/i)
  })

  test('give no credential more rights when they are rolled back', async () => {
    const [admin, member] = [await user('admin'), await user('member')]
    const project = { userId: member, name: 'n', idea: 'i', investment: 1 }
    const [{ id: projectId }] = await db('projects').insert(project).returning('id')
    const full = await insertKey(admin, 'admin', ['admin'])
    await insertKey(admin, 'everyday', ['write'])
    await insertKey(member, 'writer', ['write'])
    await insertKey(member, 'recorder', ['read', 'record'])
    await insertKey(member, 'bound', ['write'], { projectId })
    const session = { userId: admin, apiKeyId: full, expiresAt: '2100-01-01T00:00:00.000Z' }
    await db('sessions').insert({ ...session, tokenLookup: 'cookie', kind: 'cookie' })
    await db('sessions').insert({ ...session, tokenLookup: 'token' })
    await rotateApiKey(
      db,
      EVERYTHING,
      {
        id: await insertKey(member, 'rotated', ['read']),
        prefix: 'p',
        lookup: 'new',
        apiKeyHash: 'h',
        overlapSeconds: 9,
      },
      SYSTEM,
    )

    await db.migrate.down({ name })
    const keys = await db('api_keys').orderBy('id')
    const rights = keys.map(({ lookup, scopes, revokedAt }) => [
      lookup,
      (typeof scopes === 'string' ? JSON.parse(scopes) : scopes).join(),
      revokedAt !== null,
    ])
    expect(rights).toEqual([
      ['admin', 'read,write', false],
      ['everyday', 'read', false],
      ['writer', 'read,write', false],
      ['recorder', 'read', false],
      ['bound', 'read,write', true],
      ['rotated', 'read', false],
      ['new', 'read', false],
    ])
    expect((await db('sessions')).map(({ tokenLookup }) => tokenLookup)).toEqual(['token'])
    await migrateLatest(db)
    expect(await findActiveSession(db, ['token'])).toMatchObject({ kind: 'token' })
  })
})
