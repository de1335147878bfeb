import { ApiKey, CreatedApiKey, CreatedUser, pageOf, User } from '@mgx/contract'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, printedKey, runServer, startServer } from '../testing/server-process.js'
import { startTestServer } from '../testing/test-server.js'

const ROUNDS = 4

type Admin = Caller & { id: number; keyId: number }

async function adminOf(caller: Caller): Promise<Admin> {
  const { id } = User.parse(await call(caller, 'users.me'))
  const { items } = pageOf(ApiKey).parse(await call(caller, 'apiKeys.list', {}))
  return { ...caller, id, keyId: items[0]?.id ?? 0 }
}

describe.each(testDatabases)('two admins at two servers on one $name', { timeout: 60_000 }, ({ url: newDatabase }) => {
  test.each([
    ['revoke', 'revoke'],
    ['revoke', 'demote'],
    ['demote', 'demote'],
  ] as const)('who %s and %s each other at the same moment leave one of them', async (first, second) => {
    const databaseUrl = await newDatabase()
    const here = await startTestServer({ databaseUrl })
    const there = await startTestServer({ databaseUrl, adminApiKey: here.adminApiKey })
    onTestFinished(async () => {
      await Promise.all([here.close(), there.close()])
    })
    const end = (by: Admin, how: 'revoke' | 'demote', other: Admin) =>
      how === 'revoke'
        ? call(by, 'apiKeys.revoke', { id: other.keyId })
        : call(by, 'users.update', { id: other.id, role: 'member' })

    let admin = await adminOf({ url: here.url, apiKey: here.adminApiKey })
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `admin-${round}`
      const created = await call(admin, 'users.create', { username: name, email: `${name}@example.com`, role: 'admin' })
      const other = await adminOf({ url: there.url, apiKey: CreatedUser.parse(created).apiKey ?? '' })
      const outcomes = await Promise.allSettled([end(admin, first, other), end(other, second, admin)])
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
      expect(refused).toEqual([expect.stringMatching(/conflict/)])
      admin = outcomes[0].status === 'fulfilled' ? admin : other
    }
  })
})

describe.each(testDatabases)('two processes on one $name', { timeout: 120_000 }, ({ url: newDatabase }) => {
  test('leave an admin one of two keys that revoke each other, or themselves, at the same moment', async () => {
    const env = { DATABASE_URL: await newDatabase(), MGX_SEED: 'false' }
    const folder = emptyFolder()
    const here = await startServer(folder, env)
    const there = await startServer(folder, env)
    let first = await adminOf({ url: here.url, apiKey: printedKey(here) ?? '' })
    for (let round = 0; round < ROUNDS; round += 1) {
      const { apiKey, key: plain } = CreatedApiKey.parse(await call(first, 'apiKeys.create', { name: 'other' }))
      const second: Admin = { url: there.url, apiKey: plain, id: first.id, keyId: apiKey.id }
      for (const admin of [first, second]) await call(admin, 'users.me')
      const [ofFirst, ofSecond] = round % 2 === 0 ? [second, first] : [first, second]
      const outcomes = await Promise.allSettled([
        call(first, 'apiKeys.revoke', { id: ofFirst.keyId }),
        call(second, 'apiKeys.revoke', { id: ofSecond.keyId }),
      ])
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
      expect(refused).toEqual([expect.stringMatching(/conflict|unauthenticated/)])
      const revoked = outcomes[0].status === 'fulfilled' ? ofFirst : ofSecond
      first = { ...(revoked === first ? second : first), url: here.url }
    }
  })

  test('that start with a revoked MGX_ADMIN_API_KEY, when no other is usable, print one new key', async () => {
    const env = { DATABASE_URL: await newDatabase(), MGX_SEED: 'false', MGX_ADMIN_API_KEY: 'the-key-of-the-start' }
    const folder = emptyFolder()
    const server = await startServer(folder, env)
    server.signal('SIGTERM')
    await server.exited
    const db = await openDatabase(env.DATABASE_URL)
    await db('api_keys').update({ revokedAt: '2020-01-01T00:00:00.000Z' })
    await db.destroy()
    const servers = await Promise.all([startServer(folder, env), startServer(folder, env)])
    const [apiKey = '', ...more] = servers.flatMap((started) => printedKey(started) ?? [])
    expect(more).toEqual([])
    for (const { url } of servers) expect(await call({ url, apiKey }, 'users.me')).toMatchObject({ username: 'admin' })
  })
})

describe.each(testDatabases)(
  'a start with MGX_ADMIN_API_KEY on $name',
  { timeout: 120_000 },
  ({ url: newDatabase }) => {
    const configured = 'the-key-in-the-environment'

    async function start() {
      const folder = emptyFolder()
      const env = { DATABASE_URL: await newDatabase(), MGX_ADMIN_API_KEY: configured, MGX_SEED: 'false' }
      const server = await startServer(folder, env)
      const caller = { url: server.url, apiKey: configured }
      const again = async () => {
        server.signal('SIGTERM')
        await server.exited
        return startServer(folder, env)
      }
      const inDatabase = async (change: { revokedAt?: string; expiresAt?: string }) => {
        const db = await openDatabase(env.DATABASE_URL)
        await db('api_keys').update(change)
        await db.destroy()
      }
      return { folder, env, server, caller, again, inDatabase }
    }

    test('that was revoked says so, goes on, and leaves it revoked', async () => {
      const { caller, again } = await start()
      const { keyId } = await adminOf(caller)
      const { key } = CreatedApiKey.parse(await call(caller, 'apiKeys.create', { name: 'new' }))
      await call({ ...caller, apiKey: key }, 'apiKeys.revoke', { id: keyId })
      const second = await again()
      expect(second.stderr()).toMatch(/^MGX_ADMIN_API_KEY: .*revoked/m)
      expect(second.stderr()).not.toContain(configured)
      expect(printedKey(second)).toBeUndefined()
      await expect(call({ ...second, apiKey: configured }, 'users.me')).rejects.toThrow(/^unauthenticated/)
      expect(await call({ ...second, apiKey: key }, 'users.me')).toMatchObject({ role: 'admin' })
    })

    test.each([
      ['expired', { expiresAt: '2020-01-01T00:00:00.000Z' }],
      ['revoked', { revokedAt: '2020-01-01T00:00:00.000Z' }],
    ])('that is %s, when no other is usable, prints a new key once', async (word, change) => {
      const { again, inDatabase, folder, env } = await start()
      await inDatabase(change)
      const second = await again()
      expect(second.stderr()).toMatch(new RegExp(`^MGX_ADMIN_API_KEY: .*${word}`, 'm'))
      const apiKey = printedKey(second) ?? ''
      expect(await call({ ...second, apiKey }, 'users.me')).toMatchObject({ username: 'admin', role: 'admin' })
      await expect(call({ ...second, apiKey: configured }, 'users.me')).rejects.toThrow(/^unauthenticated/)
      const third = await startServer(folder, env)
      expect(printedKey(third)).toBeUndefined()
      expect(await call({ ...third, apiKey }, 'users.me')).toMatchObject({ username: 'admin' })
    })

    test("that is a member's ends with one line that says so", async () => {
      const { server, caller, env, folder } = await start()
      const member = { username: 'zoe', email: 'zoe@example.com', apiKey: 'the-key-of-a-member' }
      await call(caller, 'users.create', member)
      server.signal('SIGTERM')
      await server.exited
      const exit = await runServer(folder, { ...env, MGX_ADMIN_API_KEY: member.apiKey })
      expect(exit).toMatchObject({ code: 1, stderr: 'MGX_ADMIN_API_KEY: is the key of a member\n' })
    })
  },
)
