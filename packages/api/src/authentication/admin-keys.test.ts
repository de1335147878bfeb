import { everyDatabase } from '@mgx/db/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Caller, expectRefusal, type TestApi, testApi } from '../testing/callers.js'

describe.each(everyDatabase)('the last usable admin key on $name', (database) => {
  let api: TestApi
  let keyId: number
  beforeEach(async () => {
    api = await testApi(database)
    const [first] = (await api.admin.apiKeys.list({})).items
    keyId = first?.id ?? 0
  })
  afterEach(() => api?.close())

  /** Creates another admin with its own key. */
  async function anotherAdmin(): Promise<{ id: number; keyId: number; caller: Caller }> {
    const admin = { username: 'boss', email: 'boss@example.com', role: 'admin' } as const
    const { user, apiKey } = await api.admin.users.create(admin)
    const caller = api.as(apiKey ?? '')
    const [first] = (await caller.apiKeys.list({})).items
    return { id: user.id, keyId: first?.id ?? 0, caller }
  }
  const expire = (id: number) =>
    api.services.db('api_keys').where({ id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })

  test('cannot be revoked, and still works', async () => {
    const { caller } = await api.member()
    await caller.apiKeys.create({ name: "a member's key is no way in" })
    await expectRefusal(api.admin.apiKeys.revoke({ id: keyId }), 'conflict', /last usable admin key/)
    expect((await api.admin.apiKeys.list({})).items[0]?.revokedAt).toBeNull()
    expect((await api.admin.users.me()).role).toBe('admin')
  })

  test('can be rotated, which makes its successor the last', async () => {
    const { apiKey, key } = await api.admin.apiKeys.rotate({ id: keyId })
    await expectRefusal(api.as(key).apiKeys.revoke({ id: apiKey.id }), 'conflict')
    expect((await api.as(key).apiKeys.revoke({ id: keyId })).revokedAt).not.toBeNull()
  })

  test('leaves a key that works when it is rotated and revoked at the same moment', async () => {
    let [caller, id] = [api.admin, keyId]
    for (let round = 0; round < 8; round += 1) {
      const [rotated] = await Promise.allSettled([caller.apiKeys.rotate({ id }), caller.apiKeys.revoke({ id })])
      if (rotated.status === 'rejected') throw rotated.reason
      caller = api.as(rotated.value.key)
      id = rotated.value.apiKey.id
      expect((await caller.users.me()).role).toBe('admin')
    }
  })

  test('is still the last beside keys that are revoked, expired or read-only', async () => {
    const revoked = await api.admin.apiKeys.create({ name: 'revoked' })
    await api.admin.apiKeys.revoke({ id: revoked.apiKey.id })
    const expired = await api.admin.apiKeys.create({ name: 'expired', expiresAt: '2100-01-01T00:00:00Z' })
    await expire(expired.apiKey.id)
    const reader = await api.admin.apiKeys.create({ name: 'reader', scopes: ['read'] })
    await expectRefusal(api.admin.apiKeys.revoke({ id: keyId }), 'conflict')
    for (const { apiKey } of [revoked, expired, reader]) {
      expect((await api.admin.apiKeys.revoke({ id: apiKey.id })).revokedAt).not.toBeNull()
    }
  })

  test('can be revoked when there is another usable one, even one that will expire', async () => {
    const other = await api.admin.apiKeys.create({ name: 'other', expiresAt: '2100-01-01T00:00:00Z' })
    expect((await api.admin.apiKeys.revoke({ id: keyId })).revokedAt).not.toBeNull()
    await expectRefusal(api.as(other.key).apiKeys.revoke({ id: other.apiKey.id }), 'conflict')
  })

  test('is not lost when roles change', async () => {
    const { id } = await api.admin.users.me()
    const boss = await anotherAdmin()
    await expire(boss.keyId)
    await expectRefusal(api.admin.users.update({ id, role: 'member' }), 'conflict', /no other admin/)
    expect((await api.admin.users.update({ id: boss.id, role: 'member' })).role).toBe('member')
    await expectRefusal(api.admin.users.update({ id, role: 'member' }), 'conflict', /there must be at least one admin/)
  })

  test('does not count keys of an admin who became a member', async () => {
    const boss = await anotherAdmin()
    await api.admin.users.update({ id: boss.id, role: 'member' })
    await expectRefusal(api.admin.apiKeys.revoke({ id: keyId }), 'conflict')
  })
})
