import { createMgxClient, type Spend } from '@mgx/client'
import { readArguments } from './arguments.js'
import { follow, newestRecord } from './follow.js'
import { spendByDayAndModel, table } from './spend.js'

const { MGX_URL: url = 'http://127.0.0.1:3210', MGX_API_KEY: apiKey } = process.env

try {
  const { projectId, after } = readArguments(process.argv.slice(2))
  if (!apiKey) throw new Error('MGX_API_KEY is not set: the server prints a key at its first start')
  const mgx = createMgxClient({ url, apiKey })
  // Read before the table, so that a cost recorded meanwhile may be printed twice but is never missed.
  const from = projectId === undefined ? 0 : (after ?? (await newestRecord(mgx, projectId)))

  const rows: Spend[] = []
  for await (const row of spendByDayAndModel(mgx, projectId)) rows.push(row)
  console.log(table(rows))

  if (projectId !== undefined) {
    const ctrlC = new AbortController()
    process.once('SIGINT', () => ctrlC.abort())
    console.log(`\nfollowing project ${projectId} after record ${from}; Ctrl-C ends it`)
    const last = await follow(mgx, projectId, from, ctrlC.signal)
    console.log(`\nto go on from here: npm start -- --follow ${projectId} --after ${last}`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
