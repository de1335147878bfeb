import { randomUUID } from 'node:crypto'
import { testDatabases } from '@mgx/db/testing'
import { expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.js'

test('servers that start together share one signing key, also while they move to a new secret', async () => {
  const database = testDatabases.find(({ name }) => name === 'postgres')
  const databaseUrl = await database?.migratedUrl()
  const [first, second] = [randomUUID().repeat(2), randomUUID().repeat(2)]
  const adminApiKey = randomUUID()
  const issuer = 'https://mgx.example'
  const start = (secrets: { current: string; previous?: string }) =>
    startTestServer({ databaseUrl, adminApiKey, issuer, secrets })
  const one = await start({ current: first })
  await one.services.db('signing_keys').delete()
  await Promise.all([
    one.services.credentials.signingKeys.prepare(),
    start({ current: first }).then((server) => server.close()),
    start({ current: first }).then((server) => server.close()),
  ])
  const keys = await one.services.db('signing_keys')
  expect(keys).toHaveLength(1)
  const { keyId } = await one.services.credentials.signingKeys.signer()

  const moving = await start({ current: second, previous: first })
  expect((await moving.services.credentials.signingKeys.signer()).keyId).toBe(keyId)
  await moving.close()
  const moved = await start({ current: second })
  expect((await moved.services.credentials.signingKeys.signer()).keyId).toBe(keyId)
  await moved.close()
  const lost = await start({ current: randomUUID().repeat(2) })
  expect((await lost.services.credentials.signingKeys.signer()).keyId).not.toBe(keyId)
  await lost.close()
  expect((await one.services.credentials.signingKeys.signer()).keyId).toBe(keyId)
  expect(JSON.stringify(await one.services.db('signing_keys'))).not.toMatch(/"d\\?":/)
  await one.close()
})
