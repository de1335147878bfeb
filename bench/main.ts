// `npm run bench -- [--quick] [--on postgres|sqlite] [figure …]` measures the product against its limits or peers,
// both sides alternately. Prints a table, writes bench/results.json, and exits with 1 when a record was lost or
// doubled, a budget was overspent, or the books drifted. Ratios do not affect the exit code, because machines differ.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { postgresDatabase, sqliteDatabase } from './databases.js'
import type { Effort, Figure, MeasureFigures } from './figure.js'
import { measureClient } from './figures/client.js'
import { measureCredentials } from './figures/credentials.js'
import { measureLargeProject } from './figures/large-project.js'
import { measureMetrics } from './figures/metrics.js'
import { measurePairs } from './figures/pairs.js'
import { measureRecord } from './figures/record.js'
import { measureRecordMany } from './figures/record-many.js'
import { measureSpend } from './figures/spend.js'
import { measureTestServer } from './figures/test-server.js'
import { measureVerification } from './figures/verification.js'
import { tableOf } from './report.js'

const measurements: Record<string, MeasureFigures> = {
  record: measureRecord,
  recordMany: measureRecordMany,
  pairs: measurePairs,
  largeProject: measureLargeProject,
  spend: measureSpend,
  client: measureClient,
  credentials: measureCredentials,
  metrics: measureMetrics,
  testServer: measureTestServer,
  verification: measureVerification,
}
const databases = { postgres: postgresDatabase, sqlite: sqliteDatabase }

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, on: { type: 'string' } },
  allowPositionals: true,
})
const effort: Effort = values.quick
  ? { seconds: 1, rounds: 2, manyRecords: 100_000 }
  : { seconds: 4, rounds: 5, manyRecords: 1_000_000 }

const figures: Figure[] = []
for (const [name, start] of Object.entries(databases)) {
  if (values.on !== undefined && values.on !== name) continue
  const database = await start()
  for (const [figure, measure] of Object.entries(measurements)) {
    if (positionals.length > 0 && !positionals.includes(figure)) continue
    console.error(`Measuring ${figure} on ${name} …`)
    figures.push(...(await measure(database, effort)))
  }
  await database.stop()
}

console.log(tableOf(figures))
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }
const results = { at: new Date().toISOString(), machine, effort, figures }
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`)
const isFaulty = figures.some(({ faults = {} }) => Object.values(faults).some((count) => count > 0))
if (isFaulty) console.error('A record was lost or doubled, a budget overspent, or the books drifted.')
process.exitCode = isFaulty ? 1 : 0
