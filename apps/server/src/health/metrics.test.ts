import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTestServer } from '../testing/test-server.js'

describe.each(testDatabases)('the metrics on $name', (database) => {
  test('tell what the last verification found, and when', async () => {
    const { url, adminApiKey, services, close } = await startTestServer({ databaseUrl: await database.url() })
    onTestFinished(close)
    const gauges = async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Object.fromEntries(
        [...text.matchAll(/^(mgx_\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
      )
    }
    const verify = () =>
      fetch(`${url}/trpc/system.verify?input={}`, { headers: { authorization: `Bearer ${adminApiKey}` } })

    expect(await gauges()).toEqual({ mgx_ledger_drifts: 0, mgx_ledger_verified_timestamp_seconds: 0 })
    await verify()
    const { mgx_ledger_verified_timestamp_seconds: verifiedAt } = await gauges()
    expect(Math.abs((verifiedAt ?? 0) - Date.now() / 1_000)).toBeLessThan(60)
    await services.db('users').update({ totalCost: 7 })
    await verify()
    expect(await gauges()).toMatchObject({ mgx_ledger_drifts: 1 })
  })
})
