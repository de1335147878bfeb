import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { describeApi, expectRefusal } from '../testing/callers.js'
import { API_KEY_PATTERN, newApiKey } from './credential-format.js'

describeApi('credentials', (api) => {
  test.each([
    ['no key', undefined],
    ['an unknown key', newApiKey()],
    ['a key with a typing error', `${newApiKey().slice(0, -1)}~`],
    ['an unknown key in an unknown format', 'k'.repeat(40)],
    ['an unknown session token', newApiKey().replace('mgx_key_', 'mgx_ses_')],
    ['a key with a space', 'mgx_key_ x'],
  ])('%s is unauthenticated', async (_, credential) => {
    await expectRefusal(api.as(credential).users.me(), 'unauthenticated')
    expect((await api.as(credential).system.health()).status).toBe('ok')
  })

  test('the database contains neither keys nor tokens, only their proofs', async () => {
    const { apiKey, caller } = await api.member()
    const { token } = await caller.sessions.create({})
    const rows = JSON.stringify([await api.services.db('api_keys'), await api.services.db('sessions')])
    expect(rows).not.toContain(apiKey)
    expect(rows).not.toContain(token)
    expect(rows).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
  })

  test('a key of ours matches the regular expression that the documents publish', async () => {
    const { apiKey } = await api.member()
    expect(apiKey).toMatch(new RegExp(`^${API_KEY_PATTERN}$`))
    const document = readFileSync(new URL('../../../../docs/authentication.md', import.meta.url), 'utf8')
    expect(document).toContain(`\n${API_KEY_PATTERN}\n`)
  })

  test('a chosen key works, is not returned, and must not look like one of ours', async () => {
    const user = { username: 'chooser', email: 'chooser@example.com' }
    const chosen = 'my-own-key-0123456789'
    expect((await api.admin.users.create({ ...user, apiKey: chosen })).apiKey).toBeNull()
    expect((await api.as(chosen).users.me()).username).toBe('chooser')
    const taken = api.admin.users.create({ username: 'second', email: 'second@example.com', apiKey: chosen })
    await expectRefusal(taken, 'conflict')
    expect((await api.admin.users.list({})).items.map(({ username }) => username)).not.toContain('second')
    const posing = api.admin.users.create({ ...user, username: 'third', apiKey: `mgx_key_${'x'.repeat(40)}` })
    await expectRefusal(posing, 'invalid_input', /apiKey/)
  })

  test('a configured admin key works from then on, even next to another one', async () => {
    const lost = 'configured-after-the-key-was-lost'
    await expectRefusal(api.as(lost).users.me(), 'unauthenticated')
    for (let start = 0; start < 2; start += 1) {
      expect(await api.services.credentials.ensureAdmin(lost)).toEqual({
        ended: undefined,
        made: undefined,
        apiKey: null,
      })
    }
    expect(await api.as(lost).users.me()).toEqual(await api.admin.users.me())
    expect((await api.admin.apiKeys.list({})).items.map(({ name, prefix }) => [name, prefix])).toEqual([
      ['configured', 'conf'],
      ['first', expect.stringMatching(/^mgx_key_.{4}$/)],
    ])
  })

  test('only its user can rotate and revoke a key', async () => {
    const { caller, apiKey } = await api.member()
    const { caller: stranger } = await api.member()
    const { apiKey: second, key } = await caller.apiKeys.create({ name: 'second' })
    expect((await api.as(key).users.me()).id).toBe((await caller.users.me()).id)
    await expectRefusal(stranger.apiKeys.revoke({ id: second.id }), 'not_found')
    await expectRefusal(stranger.apiKeys.rotate({ id: second.id }), 'not_found')
    const rotated = await caller.apiKeys.rotate({ id: second.id })
    expect((await api.as(rotated.key).users.me()).id).toBe((await caller.users.me()).id)
    const { items } = await caller.apiKeys.list({})
    expect(items.map(({ name, rotatedAt }) => [name, rotatedAt !== null])).toEqual([
      ['second', false],
      ['second', true],
      ['first', false],
    ])
    expect(JSON.stringify(items)).not.toMatch(/argon2|lookup/)
    expect(apiKey.startsWith(items[2]?.prefix ?? '-')).toBe(true)
    await expectRefusal(caller.apiKeys.rotate({ id: second.id }), 'conflict')
  })

  test('a key rotated ten times at once is replaced once', async () => {
    const { caller } = await api.member()
    const { apiKey } = await caller.apiKeys.create({ name: 'raced' })
    const rotations = await Promise.allSettled(
      Array.from({ length: 10 }, () => caller.apiKeys.rotate({ id: apiKey.id })),
    )
    expect(rotations.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const live = (await caller.apiKeys.list({})).items.filter(({ name, rotatedAt }) => name === 'raced' && !rotatedAt)
    expect(live).toHaveLength(1)
  })

  test('the last use of a key is recorded', async () => {
    const { caller } = await api.member()
    await caller.users.me()
    await vi.waitFor(async () => expect((await caller.apiKeys.list({})).items[0]?.lastUsedAt).not.toBeNull())
  })

  test('usernames and emails are unique, ignoring case', async () => {
    const user = { username: 'Straße', email: 'Strasse@example.com' }
    await api.admin.users.create(user)
    await expectRefusal(
      api.admin.users.create({ ...user, username: 'STRASSE', email: 'x@example.com' }),
      'conflict',
      /username/,
    )
    await expectRefusal(
      api.admin.users.create({ ...user, username: 'other', email: 'sTRASSE@EXAMPLE.com' }),
      'conflict',
      /email/,
    )
    const { id, caller } = await api.member()
    await expectRefusal(caller.users.update({ id, email: 'STRASSE@example.com' }), 'conflict', /email/)
  })

  test('the last admin cannot become a member', async () => {
    const { id } = await api.admin.users.me()
    await expectRefusal(api.admin.users.update({ id, role: 'member' }), 'conflict')
    expect((await api.admin.users.me()).role).toBe('admin')
  })

  test('ending a key or a role takes effect at once in the same process', async () => {
    const { caller, id } = await api.member()
    const [revoked, rotated] = [await caller.apiKeys.create({ name: 'a' }), await caller.apiKeys.create({ name: 'b' })]
    for (const { key } of [revoked, rotated]) expect((await api.as(key).users.me()).id).toBe(id)
    await caller.apiKeys.revoke({ id: revoked.apiKey.id })
    await caller.apiKeys.rotate({ id: rotated.apiKey.id, overlapSeconds: 0 })
    for (const { key } of [revoked, rotated]) await expectRefusal(api.as(key).users.me(), 'unauthenticated')
    await api.admin.users.update({ id, role: 'admin' })
    const { key } = await api.admin.apiKeys.create({ name: 'boss', userId: id })
    expect((await api.as(key).users.list({})).items.length).toBeGreaterThan(1)
    await expectRefusal(caller.users.list({}), 'forbidden')
    await api.admin.users.update({ id, role: 'member' })
    await expectRefusal(api.as(key).users.list({}), 'forbidden')
  })

  test('a revoked or expired key is refused once it is no longer remembered', async () => {
    const { caller } = await api.member()
    const { apiKey, key } = await caller.apiKeys.create({ name: 'short' })
    let now = 0
    const { credentials } = api.anotherProcess(() => now)
    const authenticate = () => credentials.authenticate({ authorization: `Bearer ${key}`, address: null })
    await authenticate()
    await caller.apiKeys.revoke({ id: apiKey.id })
    now += 3_999
    expect((await authenticate()).userId).toBe(apiKey.userId)
    now += 1_000
    await expect(authenticate()).rejects.toMatchObject({ reason: 'unauthenticated' })
  })

  test('a key is refused from the moment it expires, however recently it was used', async () => {
    const { caller } = await api.member()
    const expiresAt = new Date(Date.now() + 4_000).toISOString()
    const { key, apiKey } = await caller.apiKeys.create({ name: 'short', expiresAt })
    expect((await api.as(key).users.me()).id).toBe(apiKey.userId)
    await sleep(Date.parse(expiresAt) - Date.now() + 50)
    await expectRefusal(api.as(key).users.me(), 'unauthenticated')
    await expectRefusal(caller.apiKeys.rotate({ id: apiKey.id }), 'conflict', /expired/)
    expect((await caller.apiKeys.list({})).items).toHaveLength(2)
  })

  test.each(['2020-01-01T00:00:00Z', '0001-01-01T00:00:00Z', 'now'])(
    'a key cannot be made that has expired already: %s',
    async (instant) => {
      const { caller } = await api.member()
      const expiresAt = instant === 'now' ? new Date().toISOString() : instant
      await expectRefusal(caller.apiKeys.create({ name: 'late', expiresAt }), 'invalid_input', /^expiresAt: /)
      expect((await caller.apiKeys.list({})).items).toHaveLength(1)
      const { apiKey } = await caller.apiKeys.create({ name: 'far', expiresAt: '9999-12-31T23:59:59Z' })
      expect(apiKey.expiresAt).toBe('9999-12-31T23:59:59.000Z')
    },
  )

  test('a read-only key cannot write, nor create a key that can', async () => {
    const { caller } = await api.member()
    const { key } = await caller.apiKeys.create({ name: 'reader', scopes: ['read'] })
    const reader = api.as(key)
    expect((await reader.projects.list({})).items).toEqual([])
    await expectRefusal(reader.projects.create({ name: 'n', idea: 'i' }), 'forbidden')
    await expectRefusal(reader.apiKeys.create({ name: 'x', scopes: ['read'] }), 'forbidden')
    const [, first] = (await caller.apiKeys.list({})).items
    await expectRefusal(reader.apiKeys.rotate({ id: first?.id ?? 0 }), 'forbidden')
    await expectRefusal(reader.sessions.create({}), 'forbidden')
  })

  test('a member may not do what only admins may', async () => {
    const { caller, id } = await api.member()
    await expectRefusal(caller.users.list({}), 'forbidden')
    await expectRefusal(caller.users.create({ username: 'x', email: 'x@example.com' }), 'forbidden')
    await expectRefusal(caller.users.update({ id, spendingLimit: '1' }), 'forbidden')
    await expectRefusal(caller.users.update({ id, role: 'admin' }), 'forbidden')
    expect((await api.admin.users.update({ id, spendingLimit: 1.5 })).spendingLimit).toBe('1.5')
    expect((await caller.users.update({ id, email: 'new@example.com' })).spendingLimit).toBe('1.5')
    expect((await api.admin.users.update({ id, spendingLimit: null })).spendingLimit).toBeNull()
  })
})
