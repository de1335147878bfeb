import { fileURLToPath } from 'node:url'
import { createMgxClient } from '@mgx/client'
import { readCompletedRuns } from './predecessor.js'
import { type ReplayedRun, replay } from './replay.js'
import { agrees, table } from './table.js'

const { MGX_URL: url = 'http://127.0.0.1:3210', MGX_API_KEY: apiKey } = process.env
const [path = fileURLToPath(new URL('../data/legacy_mgx_backend.db', import.meta.url))] = process.argv.slice(2)

try {
  if (!apiKey) throw new Error('MGX_API_KEY is not set: the server prints a key at its first start')
  const mgx = createMgxClient({ url, apiKey })
  const runs = await readCompletedRuns(path)
  const replayed: ReplayedRun[] = []
  for (const run of runs) {
    process.stderr.write(`replaying ${replayed.length + 1} of ${runs.length}: ${run.name}, ${run.calls.length} calls\n`)
    replayed.push(await replay(mgx, run))
  }
  console.log(table(replayed))
  const different = replayed.filter((run) => !agrees(run)).length
  console.log(different === 0 ? `${replayed.length} runs agree to the nano-dollar` : `${different} runs differ`)
  process.exitCode = different === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
