// `npm run torture -- [--seed 1] [--scale 1] [--only killed-postgres [--round 7]] [--write]`: proves at length what is
// promised of acknowledged calls. Every scenario hurts a server under load, again and again, and audits the database after
// each round. A seed gives the same calls and moments again; `--only` and `--round` repeat one scenario or round of them;
// `--scale 0.01` runs a hundredth of the rounds. `--write` keeps the report in docs/torture.md, with the rows of the scenarios
// that did not run. Exits with 1 when a promise was broken.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDatabase } from '../packages/db/src/database.js'
import { type PostgresServer, startPostgres } from '../packages/db/src/testing/postgres-server.js'
import { fileHurt } from './file-hurt.js'
import { callersCut, databaseCut } from './network-cut.js'
import { postgresHurt } from './postgres-hurt.js'
import { reportOf } from './report.js'
import { type Result, runScenario, type Scenario } from './scenario.js'
import { serverKilled } from './server-killed.js'
import { startsFail, writesFail } from './writes-fail.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    round: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const { seed } = values
const round = values.round === undefined ? undefined : Number(values.round)
const scaled = (rounds: number) => Math.max(1, Math.round(rounds * Number(values.scale)))

const folder = mkdtempSync(join(tmpdir(), 'mgx-torture-'))
const file = (name: string) => `sqlite:${join(folder, `${name}.db`)}`
const [postgres, crashing] = await Promise.all([startPostgres({ durable: true }), startPostgres({ durable: true })])

type Named = [name: string, open: () => Promise<Scenario>]
/** The scenarios of each list run one after another, beside those of the other lists, because they wait for starts. */
const lists: Named[][] = [
  [
    ['killed-sqlite', () => serverKilled(file('killed'), scaled(1_000))],
    ['callers-sqlite', () => callersCut(file('callers'), scaled(100))],
  ],
  [
    ['killed-postgres', async () => serverKilled(await database(postgres, 'killed'), scaled(1_000))],
    ['callers-postgres', async () => callersCut(await database(postgres, 'callers'), scaled(100))],
    ['database-postgres', async () => databaseCut(await database(postgres, 'cut'), scaled(100))],
  ],
  [
    ['hurt-postgres', async () => postgresHurt(crashing, await database(crashing, 'hurt'), scaled(200))],
    ['file-sqlite', () => fileHurt(scaled(100))],
    ['writes-sqlite', () => writesFail(scaled(200))],
    ['starts-sqlite', () => startsFail(scaled(200))],
  ],
]

const results: Result[] = []
try {
  results.push(...(await Promise.all(lists.map(runAll))).flat())
} finally {
  await Promise.all([postgres.stop(), crashing.stop()])
  rmSync(folder, { recursive: true, force: true })
}
console.log(reportOf(results, seed, ''))
if (values.write) {
  const page = new URL('../docs/torture.md', import.meta.url)
  writeFileSync(page, reportOf(results, seed, existsSync(page) ? readFileSync(page, 'utf8') : ''))
}
const isBroken = ({ lost, doubled, traces, overspent, unbalanced, failed }: Result) =>
  lost + doubled + traces + overspent + unbalanced + failed > 0
process.exitCode = results.length === 0 || results.some(isBroken) ? 1 : 0

async function runAll(scenarios: Named[]): Promise<Result[]> {
  const done: Result[] = []
  for (const [name, open] of scenarios) {
    if (values.only && name !== values.only) continue
    console.error(`${name} …`)
    const scenario = await open()
    done.push(await runScenario(name, scenario, { seed, only: round, tell: console.error }))
    await scenario.close()
  }
  return done
}

async function database({ url: server }: PostgresServer, name: string): Promise<string> {
  const admin = await openDatabase(server)
  await admin.raw('CREATE DATABASE ??', [name])
  await admin.destroy()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
