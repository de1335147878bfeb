import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { drawDashboard } from '../testing/draw-dashboard.js'
import { type Prometheus, promtool, startPrometheus } from '../testing/prometheus.js'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, startServer } from '../testing/server-process.js'

const DASHBOARDS = new URL('../../../../deploy/grafana/dashboards/', import.meta.url)
const PICTURES = new URL('../../../../docs/pictures/', import.meta.url)
const ADMIN_KEY = 'the-key-of-the-admin-of-this-test'
const LOAD_SECONDS = 12

type Dashboard = {
  title: string
  panels: {
    title: string
    targets: { expr: string; legendFormat: string }[]
    fieldConfig: { defaults: { unit: string } }
  }[]
}
const dashboards = readdirSync(DASHBOARDS).map((file): [name: string, dashboard: Dashboard] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(new URL(file, DASHBOARDS), 'utf8')),
])

/** What each database cannot say. */
const absent = { sqlite: 'mgx_db_oldest_transaction_seconds', postgres: 'mgx_db_wal_bytes' }

test('the configuration and the rules of Prometheus are valid, and each alert fires for its cause', () => {
  expect(promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS')
  expect(promtool('test', 'rules', 'tests/alerts.test.yml')).toContain('SUCCESS')
  const alerts = readFileSync(new URL('../../../../deploy/prometheus/rules/alerts.yml', import.meta.url), 'utf8')
  const operations = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const names = [...alerts.matchAll(/alert: (\w+)$/gm)].map(([, name]) => name)
  expect([...operations.matchAll(/^#+ (Mgx\w+)$/gm)].map(([, name]) => name).toSorted()).toEqual(names.toSorted())
})

describe.each(testDatabases)('Prometheus with a server on $name', (database) => {
  test('fills every panel with what the ledger says, and alarms when the books drift', async () => {
    const folder = emptyFolder()
    const databaseUrl = database.name === 'sqlite' ? `sqlite:${folder}/ledger.db` : await database.migratedUrl()
    const server = await startServer(folder, {
      DATABASE_URL: databaseUrl,
      MGX_ADMIN_API_KEY: ADMIN_KEY,
      MGX_SEED: '0',
      MGX_VERIFY_EVERY: '1s',
    })
    const prometheus = await startPrometheus([new URL(server.url).host])
    onTestFinished(() => prometheus.stop())
    const admin = { url: server.url, apiKey: ADMIN_KEY }
    const { projectId, calls } = await load(admin)
    // The short holds end, and Prometheus reads the last samples.
    await sleep(2_500)

    for (const [name, { title, panels }] of dashboards) {
      const charts = []
      for (const panel of panels) {
        const lines = []
        for (const { expr, legendFormat } of panel.targets) {
          const series = await prometheus.queryRange(expr.replaceAll('$__rate_interval', '5s'), LOAD_SECONDS)
          const points = series.flatMap((each) => each.points.map(([, value]) => value)).filter(Number.isFinite)
          if (expr.includes(absent[database.name])) expect(points, panel.title).toEqual([])
          else expect(points.length, `${title}: ${panel.title}: ${expr}`).toBeGreaterThan(5)
          lines.push(...series.map((each) => ({ legend: legendOf(legendFormat, each.labels), points: each.points })))
        }
        charts.push({ title: panel.title, unit: panel.fieldConfig.defaults.unit, lines })
      }
      if (process.env.MGX_DRAW === database.name) {
        mkdirSync(PICTURES, { recursive: true })
        writeFileSync(new URL(`${name}.svg`, PICTURES), drawDashboard(title, charts))
      }
    }

    const total = (await call(admin, 'costs.total', { projectId })) as { totalCost: string; records: number }
    expect(await valueNow(prometheus, 'sum(mgx_cost_usd_total)')).toBeCloseTo(Number(total.totalCost), 9)
    // Prometheus may have read before the end of a short hold what the ledger says after it.
    const differenceInHolds = async () => {
      const { reserved } = (await call(admin, 'budgets.get', { projectId })) as { reserved: string }
      return ((await valueNow(prometheus, 'max(mgx_reserved_usd)')) ?? Number.NaN) - Number(reserved)
    }
    await expect.poll(differenceInHolds, { timeout: 20_000, interval: 500 }).toBeCloseTo(0, 9)
    const recorded = 'rpc_server_call_duration_seconds_count{rpc_method="costs.record",error_type=""}'
    expect(await valueNow(prometheus, `sum(${recorded})`)).toBe(calls.recorded)
    expect(await valueNow(prometheus, 'sum(mgx_budget_refusals_total{account="project"})')).toBe(calls.refused)
    expect(await valueNow(prometheus, 'sum(mgx_authentication_failures_total{reason="rejected"})')).toBe(calls.wrong)
    expect(await valueNow(prometheus, 'sum(mgx_overrun_usd_total)')).toBeCloseTo(0.5 * calls.overran, 9)

    expect(await prometheus.firing()).not.toContain('MgxLedgerDrift')
    const db = await openDatabase(databaseUrl)
    await db('users').where({ id: 1 }).increment('totalCost', 7)
    await db.destroy()
    await expect.poll(() => prometheus.firing(), { timeout: 20_000, interval: 500 }).toContain('MgxLedgerDrift')
  }, 120_000)
})

/** Calls of every kind for a while. */
async function load(admin: Caller) {
  const { id: projectId } = (await call(admin, 'projects.create', {
    name: 'Snake',
    idea: 'A game',
    investment: '100000',
  })) as { id: number }
  const usage = { promptTokens: 1_000, completionTokens: 500 }
  const calls = { recorded: 0, refused: 0, wrong: 0, overran: 0 }
  const end = performance.now() + LOAD_SECONDS * 1_000
  const hold = async (input: object) =>
    ((await call(admin, 'budgets.reserve', { projectId, ...input })) as { reservation: { id: number } }).reservation.id
  while (performance.now() < end) {
    await Promise.all(
      ['gpt-4o', 'gpt-4-turbo', 'claude-sonnet-4-5'].map((model) =>
        call(admin, 'costs.record', { projectId, ...usage, model }),
      ),
    )
    await call(admin, 'costs.record', { projectId, ...usage, model: 'our-own', totalCost: '0.25' })
    calls.recorded += 4
    await hold({ amount: '0.5', ttlSeconds: 600 })
    await hold({ amount: '0.5', ttlSeconds: 1 })
    const reservationId = await hold({ amount: '0.5', ttlSeconds: 600 })
    await call(admin, 'budgets.settle', { reservationId, ...usage, model: 'our-own', totalCost: '1' })
    calls.overran += 1
    await call(admin, 'budgets.release', { reservationId: await hold({ amount: '1', ttlSeconds: 600 }) })
    await call(admin, 'budgets.reserve', { projectId, amount: '1000000', ttlSeconds: 60 }).catch(() => {})
    calls.refused += 1
    if (calls.wrong < 20) {
      await call({ ...admin, apiKey: 'a-key-that-is-not-known' }, 'users.me').catch(() => {})
      calls.wrong += 1
    }
    await sleep(100)
  }
  return { projectId, calls }
}

async function valueNow(prometheus: Prometheus, expression: string): Promise<number | undefined> {
  const [series] = await prometheus.query(expression)
  return series?.points[0]?.[1]
}

function legendOf(format: string, labels: Record<string, string>): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '')
}
