import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { guideBlocks, runGuide } from '../testing/document-commands.js'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, runServer, startServer } from '../testing/server-process.js'

const API_KEY = 'the-key-of-every-server-in-this-test'
const NEXT_VERSION = fileURLToPath(new URL('../testing/next-version.mjs', import.meta.url))
const soon = { timeout: 15_000, interval: 50 }

const postgresUrl = async () => (await testDatabases.find(({ name }) => name === 'postgres')?.url()) ?? ''

/** The variables of a server in production. */
const production = (databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  NODE_ENV: 'production',
  MGX_SECRET: 'the-secret-of-every-server-in-this-test',
  MGX_ADMIN_API_KEY: API_KEY,
})

async function readiness({ url }: { url: string }): Promise<unknown> {
  const { status, failed } = (await (await fetch(`${url}/readyz`)).json()) as { status: string; failed?: string[] }
  return failed ?? status
}

describe('the guide to operations', () => {
  test('upgrades and rolls back without a failed call', { timeout: 60_000 }, async () => {
    const [status = '', migrate = '', rollback = '', ...rest] = guideBlocks('## Upgrades without downtime', 'sh')
    expect([migrate, rollback, rest]).toEqual(['mgx db migrate --yes\n', 'mgx db rollback --yes\n', []])
    const env = production(await postgresUrl())
    const next = { ...env, NODE_OPTIONS: `--import=${NEXT_VERSION}` }
    const old = { ...(await startServer(emptyFolder(), { ...env, MGX_AUTO_MIGRATE: 'true' })), apiKey: API_KEY }
    const { id: projectId } = (await call(old, 'projects.create', { name: 'n', idea: 'i' })) as { id: number }
    const usage = { projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }
    const serving = new Set<Caller>([old])
    const failures: unknown[] = []
    let recorded = 0
    let isLoaded = true
    const load = (async () => {
      for (; isLoaded; await sleep(20)) {
        const each = [...serving].map((server) => call(server, 'costs.record', usage))
        for (const { status: outcome, ...rest } of await Promise.allSettled(each)) {
          if (outcome === 'fulfilled') recorded += 1
          else failures.push(rest)
        }
      }
    })()

    expect(await runGuide(status, { env: next })).toMatch(/^pending {2}20991231000000-note-projects$/m)
    // It logs its address before it is ready.
    const waiting = { ...(await startServer(emptyFolder(), next)), apiKey: API_KEY }
    expect(await readiness(waiting)).toEqual(['schema'])
    expect(await runGuide(migrate, { env: next })).toContain('20991231000000-note-projects')
    await expect.poll(() => readiness(waiting), soon).toBe('ready')
    expect(await readiness(old)).toEqual(['schema'])
    serving.add(waiting)
    const refused = await runServer(emptyFolder(), env)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('it belongs to a newer MGX') })
    await sleep(500)

    expect(await runGuide(rollback, { env: next })).toContain('20991231000000-note-projects')
    await expect.poll(() => readiness(old), soon).toBe('ready')
    expect(await readiness(waiting)).toEqual(['schema'])
    await sleep(500)
    isLoaded = false
    await load
    expect(failures).toEqual([])
    expect(recorded).toBeGreaterThan(20)
    expect(await call(old, 'costs.total', { projectId })).toMatchObject({ totalCost: String(recorded / 1_000) })
    expect(await call(old, 'system.verify')).toMatchObject({ ok: true })
  })

  test('gives the servers another role of the database, and another signing key', { timeout: 60_000 }, async () => {
    const [rotate = '', ...rest] = guideBlocks('## Secrets', 'sh')
    expect(rest).toEqual([])
    const databaseUrl = await postgresUrl()
    const admin = await openDatabase(databaseUrl)
    // Roles belong to all databases of the server.
    const owner = `mgx_${randomBytes(6).toString('hex')}`
    const urlOf = (role: string, password: string) =>
      databaseUrl.replace(/\/\/[^@]*@/, `//${role}:${encodeURIComponent(password)}@`)
    await admin.raw(`CREATE ROLE ${owner} LOGIN PASSWORD 'a-long-password'`)
    await admin.raw('ALTER DATABASE ?? OWNER TO ??', [new URL(databaseUrl).pathname.slice(1), owner])
    onTestFinished(async () => {
      await admin.raw(`DROP OWNED BY ${owner} CASCADE`)
      await admin.raw('ALTER DATABASE ?? OWNER TO CURRENT_USER', [new URL(databaseUrl).pathname.slice(1)])
      await admin.raw(`DROP ROLE ${owner}_2; DROP ROLE ${owner}`)
      await admin.destroy()
    })
    const [create = '', end = '', ...others] = guideBlocks('## Secrets', 'sql').map((sql) =>
      sql.replaceAll('mgx', owner),
    )
    expect(others).toEqual([])
    const env = { ...production(urlOf(owner, 'a-long-password')), MGX_AUTO_MIGRATE: 'true' }
    const first = await startServer(emptyFolder(), env)
    await admin.raw(create)
    const changed = { ...env, DATABASE_URL: urlOf(`${owner}_2`, 'another-long-password') }
    const second = { ...(await startServer(emptyFolder(), changed)), apiKey: API_KEY }
    first.signal('SIGTERM')
    await first.exited
    await admin.raw(end)
    await expect(openDatabase(env.DATABASE_URL)).rejects.toThrow('password authentication failed')
    await call(second, 'projects.create', { name: 'n', idea: 'i' })
    expect(await runGuide(rotate, { env: changed })).toMatch(/^Retired /)
  })
})
