import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { migrateLatest, openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'

const seeded = {
  items: [
    expect.objectContaining({
      name: 'Sample Project',
      status: 'completed',
      investment: '3',
      totalCost: '0.025',
      projectPath: '/workspace/sample_project',
    }),
  ],
  nextCursor: null,
}

describe.each(testDatabases)('the first start on $name', (database) => {
  test('migrates, prints a key that works, seeds, and says how to call it; the second does none of it again', async () => {
    const folder = emptyFolder()
    const env = { DATABASE_URL: await database.url() }
    const first = await startServer(folder, env)
    const apiKey = printedKey(first) ?? ''
    expect(first.stderr().split(apiKey)).toHaveLength(2)
    expect(JSON.stringify(first.log())).not.toContain(apiKey)
    expect(await call({ ...first, apiKey }, 'users.me')).toMatchObject({ username: 'admin', role: 'admin' })
    expect(await call({ ...first, apiKey }, 'projects.list', {})).toEqual(seeded)
    first.signal('SIGTERM')
    expect(await first.exited).toMatchObject({ code: 0 })

    const second = await startServer(folder, env)
    expect(printedKey(second)).toBeUndefined()
    expect(JSON.stringify(second.log()) + second.stderr()).not.toContain('mgx_key_')
    expect(second.stderr()).toContain('Lost the key? Start once with a new one of your own in MGX_ADMIN_API_KEY')
    expect(await call({ ...second, apiKey }, 'projects.list', {})).toEqual(seeded)
    expect(await call({ ...second, apiKey }, 'users.list', {})).toMatchObject({
      items: [{ username: 'sample_user', role: 'member', totalCost: '0.025' }, { username: 'admin' }],
    })
    expect(statSync(join(folder, 'data/secret')).mode & 0o777).toBe(0o600)
  })

  test('of two servers at the same moment creates one admin, whose key both accept', async () => {
    const folder = emptyFolder()
    const env = { DATABASE_URL: await database.url() }
    const servers = await Promise.all([startServer(folder, env), startServer(folder, env), startServer(folder, env)])
    const [apiKey = '', ...more] = servers.flatMap((server) => printedKey(server) ?? [])
    expect(more).toEqual([])
    for (const server of servers) {
      expect(await call({ ...server, apiKey }, 'users.list', {})).toMatchObject({ items: { length: 2 } })
      expect(await call({ ...server, apiKey }, 'projects.list', {})).toEqual(seeded)
    }
  })

  test('leaves a database with users of its own unseeded', async () => {
    const folder = emptyFolder()
    const env = { DATABASE_URL: await database.url(), MGX_ADMIN_API_KEY: 'chosen-by-the-operator' }
    const first = await startServer(folder, { ...env, MGX_SEED: 'false' })
    expect(JSON.stringify(first.log()) + first.stderr()).not.toContain('chosen-by-the-operator')
    const caller = { ...first, apiKey: 'chosen-by-the-operator' }
    await call(caller, 'users.create', { username: 'zoe', email: 'zoe@example.com' })
    first.signal('SIGTERM')
    await first.exited
    const second = await startServer(folder, env)
    expect(await call({ ...caller, ...second }, 'projects.list', {})).toEqual({ items: [], nextCursor: null })
  })

  test('in production without migrations is not ready, says what to run, and serves once it was run', async () => {
    const folder = emptyFolder()
    const url = await database.url()
    const production = { NODE_ENV: 'production', MGX_SECRET: 's'.repeat(32), MGX_AUTO_MIGRATE: 'false' }
    const server = await startServer(folder, { ...production, DATABASE_URL: url })
    expect(server.stderr()).toContain('npm run db:migrate')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(await readiness(server.url)).toEqual([503, { status: 'not_ready', failed: ['schema'] }])
    await expect(call({ ...server, apiKey: 'any' }, 'system.health')).rejects.toThrow(/^unavailable: /)
    expect(await (await fetch(`${server.url}/api/health`)).json()).toMatchObject({ reason: 'unavailable' })

    const db = await openDatabase(url)
    await migrateLatest(db)
    await db.destroy()
    await expect.poll(() => readiness(server.url), { timeout: 10_000 }).toEqual([200, { status: 'ready' }])
    expect(await call({ ...server, apiKey: printedKey(server) ?? '' }, 'users.list', {})).toMatchObject({
      items: { length: 1 },
    })
  })
})

test('the first start prints a first call that works unchanged', async () => {
  const server = await startServer(emptyFolder(), {})
  const commands = server
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .join('\n')
  const { stdout } = await promisify(execFile)('bash', ['-euc', commands], { env: { PATH: process.env.PATH } })
  expect(JSON.parse(stdout)).toMatchObject({
    record: { projectId: 2, model: 'gpt-4-turbo', totalCost: '0.025' },
    budget: { spent: '0.025', limit: '3' },
  })
})

async function readiness(url: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}/readyz`)
  return [response.status, await response.json()]
}

test('the version served is the package’s', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const server = await startServer(emptyFolder(), {})
  expect(await call({ ...server, apiKey: '' }, 'system.health')).toEqual({ status: 'ok', version, dialect: 'sqlite' })
  expect(server.stderr()).toContain(`MGX Backend ${version} on sqlite: ${server.url}`)
})
