import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTestServer } from '../testing/test-server.js'

/** Each way to the same call. */
const ways: [name: string, path: string][] = [
  ['a plain call', '/trpc/users.me'],
  ['the stock adapter', '/trpc/users.me?unusual=1'],
  ['REST', '/api/users/me'],
]
const LIMIT = 5
type Details = { limit?: number; retryAfterSeconds: number }
type Answer = { error?: { data: { httpStatus: number; details: Details } } }

describe.each(testDatabases)('on $name', (database) => {
  async function limited(limits: { calls?: number; failures?: number }) {
    const server = await startTestServer({ databaseUrl: await database.migratedUrl(), limits })
    onTestFinished(() => server.close())
    return (path: string, key = server.adminApiKey) =>
      fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } })
  }
  /** Returns the `details` of a refusal in any of the formats. */
  const detailsOf = async (response: Response) => {
    const body = (await response.json()) as { details: Details; error?: { data: { details: Details } } }
    return body.error?.data.details ?? body.details
  }

  test.each(ways)('%s tells what is left of the limit, and then when to come back', async (_name, path) => {
    const ask = await limited({ calls: LIMIT })
    for (let left = LIMIT - 1; left >= 0; left--) {
      const response = await ask(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('ratelimit-policy')).toBe(`"calls";q=${LIMIT};w=60`)
      expect(response.headers.get('ratelimit')).toMatch(new RegExp(`^"calls";r=${left};t=\\d+$`))
      expect(response.headers.get('retry-after')).toBe(null)
    }
    const refused = await ask(path)
    expect(refused.status).toBe(429)
    const { limit, retryAfterSeconds } = await detailsOf(refused)
    expect(limit).toBe(LIMIT)
    expect(retryAfterSeconds).toBeGreaterThan(40)
    expect(refused.headers.get('retry-after')).toBe(String(retryAfterSeconds))
    expect(refused.headers.get('ratelimit')).toBe(`"calls";r=0;t=${retryAfterSeconds}`)
  })

  test.each(ways.slice(0, 2))('each call of a batch counts, by %s', async (_name, path) => {
    const ask = await limited({ calls: LIMIT })
    const [name, search] = path.split('?')
    const batch = `${name},users.me,users.me?batch=1&${search ?? ''}`.replace(/&$/, '')
    expect((await ask(batch)).headers.get('ratelimit')).toMatch(/^"calls";r=2;/)
    const mixed = await ask(batch)
    expect(mixed.status).toBe(207)
    const answers = (await mixed.json()) as Answer[]
    expect(answers.map((answer) => answer.error?.data.httpStatus)).toEqual([undefined, undefined, 429])
    expect(mixed.headers.get('retry-after')).toBe(String(answers[2]?.error?.data.details.retryAfterSeconds))
  })

  test.each(ways)('after too many wrong credentials, %s tells when to come back', async (_name, path) => {
    const ask = await limited({ failures: 2 })
    await ask(path, 'a wrong key')
    await ask(path, 'another wrong key')
    const refused = await ask(path, 'one more wrong key')
    expect(refused.status).toBe(429)
    const { retryAfterSeconds } = await detailsOf(refused)
    expect(retryAfterSeconds).toBeGreaterThan(40)
    expect(refused.headers.get('retry-after')).toBe(String(retryAfterSeconds))
  })
})
