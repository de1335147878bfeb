import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CostTotal, Project, RecordedCost } from '@mgx/contract'
import { expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder } from '../testing/server-process.js'
import { startTestServer } from '../testing/test-server.js'

const COST = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

/** What may happen to the files of a database in use, and how to undo it where possible. */
const harms: { harm: string; harmFile(file: string): void; mend?(file: string): void }[] = [
  {
    harm: 'moved',
    harmFile: (file) => renameSync(file, `${file}.away`),
    mend: (file) => renameSync(`${file}.away`, file),
  },
  { harm: 'deleted', harmFile: (file) => rmSync(file) },
  {
    harm: 'replaced by a copy',
    harmFile(file) {
      copyFileSync(file, `${file}.copy`)
      renameSync(`${file}.copy`, file)
    },
  },
  {
    harm: 'moved with its folder, and a new folder made',
    harmFile: (file) => renameSync(join(file, '..'), join(file, '../../away')),
    mend: (file) => renameSync(join(file, '../../away'), join(file, '..')),
  },
  {
    harm: 'left without its -wal',
    harmFile: (file) => renameSync(`${file}-wal`, `${file}-wal.away`),
    mend: (file) => renameSync(`${file}-wal.away`, `${file}-wal`),
  },
  {
    harm: 'given another -wal',
    harmFile(file) {
      copyFileSync(`${file}-wal`, `${file}-wal.copy`)
      renameSync(`${file}-wal.copy`, `${file}-wal`)
    },
  },
]

test.each(harms)('nothing is acknowledged once the file in use is $harm', async ({ harmFile, mend }) => {
  const folder = emptyFolder()
  const file = join(folder, 'data/test.db')
  mkdirSync(join(folder, 'data'))
  const server = await startTestServer({ databaseUrl: `sqlite:${file}` })
  onTestFinished(server.close)
  const caller: Caller = { url: server.url, apiKey: server.adminApiKey }
  const { id: projectId } = Project.parse(await call(caller, 'projects.create', { name: 'n', idea: 'i' }))
  const record = (idempotencyKey: string) => call(caller, 'costs.record', { projectId, ...COST, idempotencyKey })
  await record('before')

  harmFile(file)
  const isThere = existsSync(file)
  const refused = await Promise.allSettled([
    record('after'),
    call(caller, 'projects.create', { name: 'n', idea: 'i' }),
    call(caller, 'projects.update', { id: projectId, name: 'm' }),
    call(caller, 'sessions.create', {}),
    call(caller, 'system.verify'),
  ])
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/^unavailable: /) } })
  }
  // A refused call must not create a new file, which a restart would take for the database.
  expect(existsSync(file)).toBe(isThere)
  const ready = await fetch(`${server.url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'not_ready', failed: ['database'] }])
  if (!mend) return

  mend(file)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(RecordedCost.parse(await record('after')).budget.spent).toBe('0.2')
  expect(CostTotal.parse(await call(caller, 'costs.total', { projectId })).records).toBe(2)
})
