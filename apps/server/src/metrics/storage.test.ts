import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startTestServer } from '../testing/test-server.js'

describe.each(testDatabases)('the metrics of storage on $name', (database) => {
  test('tell the size, and the log or the oldest transaction', async () => {
    const server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    onTestFinished(() => server.close())
    const { db } = server.services
    const value = async (name: string) => {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      const [, found] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? []
      return found === undefined ? undefined : Number(found)
    }
    const size = (await value('mgx_db_size_bytes')) ?? 0
    expect(size).toBeGreaterThan(100_000)
    if (database.name === 'sqlite') {
      expect(await value('mgx_db_wal_bytes')).toBeGreaterThan(0)
      expect(await value('mgx_db_oldest_transaction_seconds')).toBeUndefined()
    } else {
      expect(await value('mgx_db_wal_bytes')).toBeUndefined()
      expect(await value('mgx_db_oldest_transaction_seconds')).toBeLessThan(1)
      await db.transaction(async (trx) => {
        await trx.raw('SELECT 1')
        await expect.poll(() => value('mgx_db_oldest_transaction_seconds'), { timeout: 5_000 }).toBeGreaterThan(0.5)
      })
    }
    const idea = 'x'.repeat(1_000_000)
    await db('projects').insert({ userId: 1, name: 'Large', idea, status: 'pending', investment: 0 })
    await expect.poll(() => value('mgx_db_size_bytes')).toBeGreaterThan(size)
  })

  test('are left out when they cannot be read, and the log says why', async () => {
    const server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    onTestFinished(() => server.close())
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => logged.mockRestore())
    await server.services.db.schema.dropTable('ledger_verifications')
    const response = await fetch(`${server.url}/metrics`)
    expect(response.status).toBe(200)
    expect(await response.text()).not.toMatch(/^mgx_db_size_bytes /m)
    const told = logged.mock.calls.flatMap(([first, error]) =>
      String(first).includes('metrics') ? [String(error)] : [],
    )
    expect(told).toEqual([expect.stringContaining('ledger_verifications')])
  })
})
