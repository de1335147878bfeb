import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { dialectOf, openDatabase } from '@mgx/db'
import { freePort, testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyFolder, launch } from '../testing/server-process.js'

async function startUp(databaseUrl: string) {
  // With PORT=0 the server would announce its port only when it serves.
  const port = await freePort()
  const { child, exited } = launch(emptyFolder(), { DATABASE_URL: databaseUrl, PORT: String(port) })
  const url = `http://127.0.0.1:${port}`
  const status = (path: string) =>
    fetch(url + path).then(
      ({ status }) => status,
      () => undefined,
    )
  await expect.poll(() => status('/healthz'), { timeout: 20_000 }).toBe(200)
  return { child, exited, url, status }
}

describe.each(testDatabases)('a start on $name that waits for another’s migration', (database) => {
  async function launchWhileLocked() {
    const databaseUrl = await database.url()
    const db = await openDatabase(databaseUrl)
    const lock = new EventEmitter()
    const unlock = () => lock.emit('unlock')
    const holding = dialectOf(db).withMigrationLock(db, () => {
      lock.emit('locked')
      return once(lock, 'unlock')
    })
    await once(lock, 'locked')
    onTestFinished(async () => {
      unlock()
      await holding
      await db.destroy()
    })
    return { ...(await startUp(databaseUrl)), unlock, db }
  }

  test('is up and not ready, refuses calls as unavailable, and then serves', async () => {
    const { url, status, unlock } = await launchWhileLocked()
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not_ready', failed: ['starting'] }])
    expect(await (await fetch(url)).text()).toContain('<strong>not ready: starting</strong>')
    const headers = { authorization: 'Bearer any', 'content-type': 'application/json' }
    for (const path of ['/trpc/users.me', '/trpc/users.me,system.health?batch=1', '/api/users', '/docs', '/nowhere']) {
      for (const init of [{}, { method: 'POST', headers, body: '{}' }, { method: 'POST', headers, body: '{' }]) {
        const response = await fetch(url + path, init)
        const body = (await response.json()) as { error?: { data: object } }
        expect(body.error?.data ?? body).toMatchObject({
          reason: 'unavailable',
          requestId: response.headers.get('x-request-id'),
        })
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      }
    }
    unlock()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
    expect(await status('/trpc/system.health')).toBe(200)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('ends on %s with 0, and nothing is migrated', async (signal) => {
    const { child, exited, db, status } = await launchWhileLocked()
    const begin = performance.now()
    child.kill(signal)
    expect(await exited).toMatchObject({ code: 0, stderr: '' })
    expect(performance.now() - begin).toBeLessThan(5_000)
    expect(await status('/healthz')).toBeUndefined()
    expect(await db.schema.hasTable('users')).toBe(false)
  })
})

test('a start that waits for an unresponsive PostgreSQL ends on SIGTERM with 0', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const { child, exited } = await startUp(`postgres://mgx:mgx@127.0.0.1:${(silent.address() as AddressInfo).port}/mgx`)
  child.kill('SIGTERM')
  expect(await exited).toMatchObject({ code: 0, stderr: '' })
})
