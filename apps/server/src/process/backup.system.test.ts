import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, readClock } from '@mgx/db'
import { expect, onTestFinished, test } from 'vitest'
import { guideBlocks, runGuide } from '../testing/document-commands.js'
import { createCluster, postgresFolder, startInstalledPostgres } from '../testing/installed-postgres.js'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, startServer } from '../testing/server-process.js'

const ADMIN_KEY = 'the-chosen-key-of-the-admin'
const HOLD_SECONDS = 10
const settings = {
  MGX_SECRET: 'the-secret-of-these-servers-0123456789',
  MGX_ADMIN_API_KEY: ADMIN_KEY,
  MGX_SEED: 'false',
}
const soon = { timeout: 20_000, interval: 100 }

type Named = { id: number }
type Held = { reservation: Named }

const start = async (databaseUrl: string, cwd = emptyFolder()) => ({
  ...(await startServer(cwd, { ...settings, DATABASE_URL: databaseUrl })),
  apiKey: ADMIN_KEY,
})

/** Records costs of 0.001 with keys of its own, several at a time, until it is stopped. */
function startLoad(caller: Caller, projectId: number) {
  const keys: string[] = []
  let isLoaded = true
  const callers = Array.from({ length: 4 }, async (_, number) => {
    for (let turn = 0; isLoaded; turn += 1) {
      const key = `${number}-${turn}`
      await record(caller, projectId, key)
      keys.push(key)
      await sleep(5)
    }
  })
  return {
    /** The keys of the acknowledged calls. */
    keys,
    async stop() {
      isLoaded = false
      await Promise.all(callers)
    },
  }
}

function record(caller: Caller, projectId: number, idempotencyKey: string) {
  const usage = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }
  return call(caller, 'costs.record', { ...usage, projectId, idempotencyKey })
}

async function recordsOf(caller: Caller, projectId: number): Promise<number> {
  const { totalCost } = (await call(caller, 'costs.total', { projectId })) as { totalCost: string }
  return Math.round(Number(totalCost) * 1_000)
}

type Drill = {
  databaseUrl: string
  cwd?: string
  backUp(): Promise<unknown>
  /** Returns what the commands printed and the URL of the restored database. */
  restore(): Promise<{ printed: string; databaseUrl: string }>
}

/** Backs up under load, restores, and does what the guide says about callers after a restore. */
async function practise({ databaseUrl, cwd, backUp, restore }: Drill): Promise<void> {
  const first = await start(databaseUrl, cwd)
  const project = { name: 'n', idea: 'i', investment: '1000' }
  const { id: projectId } = (await call(first, 'projects.create', project)) as Named
  const reserve = async (by: Caller) => {
    const held = await call(by, 'budgets.reserve', { projectId, amount: '5', ttlSeconds: HOLD_SECONDS })
    return (held as Held).reservation.id
  }
  const made = (await call(first, 'apiKeys.create', { name: 'k' })) as { apiKey: Named; key: string }
  const load = startLoad(first, projectId)
  await expect.poll(() => load.keys.length, soon).toBeGreaterThan(50)
  const held = await reserve(first)
  const before = load.keys.length
  await backUp()
  await sleep(200)
  await load.stop()
  expect(load.keys.length).toBeGreaterThan(before)
  await record(first, projectId, 'after')
  const keys = [...load.keys, 'after']
  const heldAfter = await reserve(first)
  await call(first, 'apiKeys.revoke', { id: made.apiKey.id })
  first.signal('SIGTERM')
  await first.exited

  const restored = await restore()
  expect(restored.printed).toMatch(/The database is up to date.*The books balance/s)
  const second = await start(restored.databaseUrl, cwd)
  const kept = await recordsOf(second, projectId)
  expect(kept).toBeGreaterThanOrEqual(before)
  expect(kept).toBeLessThan(keys.length)
  for (const key of keys) await record(second, projectId, key)
  expect(await recordsOf(second, projectId)).toBe(keys.length)

  const reserved = async () => ((await call(second, 'budgets.get', { projectId })) as { reserved: string }).reserved
  await expect.poll(reserved, soon).toBe('0')
  const settlement = { reservationId: held, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '1' }
  expect(await call(second, 'budgets.settle', settlement)).toMatchObject({ late: true })
  expect(await reserve(second)).toBe(heldAfter)

  const whoIs = () =>
    call({ ...second, apiKey: made.key }, 'users.me').then(
      () => 'known',
      (error: Error) => error.message,
    )
  expect(await whoIs()).toBe('known')
  await call(second, 'apiKeys.revoke', { id: made.apiKey.id })
  await expect.poll(whoIs, soon).toMatch(/^unauthenticated/)
  expect(await call(second, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
}

test('a SQLite database that was copied under load is restored', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder()
  const databaseUrl = 'sqlite:data/mgx_backend.db'
  const [backUp = '', restore = '', ...rest] = guideBlocks('### SQLite', 'sh')
  expect(rest).toEqual([])
  await practise({
    databaseUrl,
    cwd,
    backUp: async () => expect(await runGuide(backUp, { cwd })).toContain('The books balance'),
    restore: async () => ({
      printed: await runGuide(restore, { cwd, env: { DATABASE_URL: databaseUrl } }),
      databaseUrl,
    }),
  })
})

test('a PostgreSQL database that was dumped under load is restored', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder()
  const [dump = '', restore = ''] = guideBlocks('### PostgreSQL', 'sh')
  const data = join(postgresFolder(), 'data')
  createCluster(data)
  const server = await startInstalledPostgres(data)
  execFileSync('createdb', ['mgx'], { env: { ...process.env, ...server.env, PGDATABASE: '' } })
  const databaseUrl = server.url('mgx_restored')
  await practise({
    databaseUrl: server.url('mgx'),
    backUp: () => runGuide(dump, { cwd, env: server.env }),
    restore: async () => ({
      printed: await runGuide(restore, { cwd, env: { ...server.env, DATABASE_URL: databaseUrl } }),
      databaseUrl,
    }),
  })
})

test('a PostgreSQL server is recovered to a moment from a base backup and its log', { timeout: 120_000 }, async () => {
  const folder = postgresFolder()
  const [, , baseBackup = '', ...rest] = guideBlocks('### PostgreSQL', 'sh')
  expect(rest).toEqual([])
  const configuration = guideBlocks('### PostgreSQL', 'ini').map((text) =>
    text.replaceAll('/backup/wal', `${folder}/wal`),
  )
  const [archiving = '', recovery = '', ...others] = configuration
  expect([archiving.includes('archive_command'), recovery.includes('restore_command'), others]).toEqual([
    true,
    true,
    [],
  ])
  mkdirSync(join(folder, 'wal'), { mode: 0o777 })
  execFileSync('chmod', ['777', join(folder, 'wal')])
  createCluster(join(folder, 'data'))
  const server = await startInstalledPostgres(join(folder, 'data'), archiving)
  execFileSync('createdb', ['mgx'], { env: { ...process.env, ...server.env, PGDATABASE: '' } })
  const first = await start(server.url('mgx'))
  const { id: projectId } = (await call(first, 'projects.create', { name: 'n', idea: 'i' })) as Named
  const load = startLoad(first, projectId)
  await runGuide(baseBackup, { cwd: folder, env: server.env })
  await sleep(500)
  await load.stop()
  const kept = load.keys.length
  const db = await openDatabase(server.url('mgx'))
  onTestFinished(() => db.destroy())
  const moment = (await readClock(db)).replace('T', ' ').replace('Z', '+00')
  await sleep(100)
  for (let turn = 0; turn < 5; turn += 1) await record(first, projectId, `after-${turn}`)
  // The server of the database is lost once its last log is archived.
  const { rows } = await db.raw('SELECT pg_walfile_name(pg_current_wal_lsn()) AS last, pg_switch_wal()')
  const archived = async () => (await db.raw('SELECT last_archived_wal AS last FROM pg_stat_archiver')).rows[0].last
  await expect.poll(archived, soon).toBe(rows[0].last)
  await db.destroy()
  first.signal('SIGTERM')
  await first.exited
  await server.stop()

  const copy = join(folder, 'copy')
  cpSync(join(folder, 'backup/base'), copy, { recursive: true })
  writeFileSync(join(copy, 'recovery.signal'), '')
  const target = recovery.replace(/(recovery_target_time = ).*/, `$1'${moment}'`)
  expect(target).toContain(moment)
  const recovered = await startInstalledPostgres(copy, target)
  const second = await start(recovered.url('mgx'))
  await expect.poll(async () => (await fetch(`${second.url}/readyz`)).status, soon).toBe(200)
  expect(await recordsOf(second, projectId)).toBe(kept)
  expect(await call(second, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
})
