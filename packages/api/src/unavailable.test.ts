import { testDatabases } from '@mgx/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { expectRefusal, testApi } from './testing/callers.js'

const [sqlite] = testDatabases

test('calls on a full disk are unavailable, and the log names the full disk once per group', async () => {
  if (!sqlite) throw new Error('there is no SQLite to test')
  const api = await testApi(sqlite)
  onTestFinished(api.close)
  const { id: projectId } = await api.admin.projects.create({ name: 'n', idea: 'i' })
  const call = { projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }
  await api.services.db.raw('PRAGMA max_page_count = 1')
  const calls = Array.from({ length: 200 }, () => api.admin.costs.record({ ...call, actionType: 'a'.repeat(100) }))
  await Promise.all(calls.map((each) => expectRefusal(each, 'unavailable')))
  await expectRefusal(api.admin.projects.create({ name: 'n', idea: 'i'.repeat(5_000) }), 'unavailable')
  expect(api.internal).toEqual([])
  expect(api.unavailable.length).toBeLessThan(5)
  for (const error of api.unavailable) expect(String(error)).toContain('database or disk is full')
})
