import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ConnectionError, MgxError, RateLimitedError, UnavailableError } from '../index.js'
import { answered, clientOver, failureOf, refusal } from '../testing/client-over.js'
import { answerJson, type Seen } from '../testing/stand-in-network.js'
import { waitBefore } from './retry.js'

const record = { projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

/** Responds to the first request with a status and HTML, as a proxy would, and to later ones as the server does. */
const foreignOnce =
  (status: number, headers = {}) =>
  (_: Seen, response: ServerResponse, before: number) =>
    before === 0
      ? response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<h1>busy</h1>')
      : answerJson(response, answered)
const refusedOnce = (reason: string, status: number) => (_: Seen, response: ServerResponse, before: number) =>
  answerJson(response, before === 0 ? refusal(reason, status) : answered, before === 0 ? status : 200)
const always = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  return (_: Seen, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    answerJson(response, body, status)
  }
}

afterEach(() => vi.restoreAllMocks())

describe('the client retries', () => {
  test.each([408, 429, 502, 503, 504])('after a response of %i', async (status) => {
    const { mgx, seen } = await clientOver(foreignOnce(status))
    expect(await mgx.costs.record(record)).toEqual({ answer: 42 })
    expect(seen).toHaveLength(2)
    expect(seen[1]?.body).toBe(seen[0]?.body)
  })

  test.each([
    ['unavailable', 503],
    ['rate_limited', 429],
  ])('after an error with the reason %s', async (reason, status) => {
    const { mgx, seen } = await clientOver(refusedOnce(reason, status))
    expect(await mgx.users.me()).toEqual({ answer: 42 })
    expect(seen).toHaveLength(2)
  })

  test.each([
    ['invalid_input', 400],
    ['budget_exceeded', 402],
    ['conflict', 409],
    ['internal', 500],
  ])('not after an error with the reason %s', async (reason, status) => {
    const { mgx, seen } = await clientOver(always(status, refusal(reason, status), { 'retry-after': '0' }))
    expect(await failureOf(mgx.costs.record(record))).toMatchObject({ reason, status })
    expect(seen).toHaveLength(1)
  })

  test.each([429, 503])('not a call that might count twice, after %i', async (status) => {
    const { mgx, seen } = await clientOver(foreignOnce(status))
    expect(await failureOf(mgx.users.create({ username: 'a', email: 'a@b.c' }))).toBeInstanceOf(MgxError)
    expect(seen).toHaveLength(1)
  })
})

describe('maxRetries', () => {
  const cut = (_: Seen, response: ServerResponse) => response.destroy()

  test('of the client', async () => {
    const { mgx, seen } = await clientOver(cut, { maxRetries: 4 })
    expect(await failureOf(mgx.users.me())).toBeInstanceOf(ConnectionError)
    expect(seen).toHaveLength(5)
  })

  test('of one call', async () => {
    const { mgx, seen } = await clientOver(cut, { maxRetries: 4 })
    expect(await failureOf(mgx.costs.record(record, { maxRetries: 0 }))).toBeInstanceOf(ConnectionError)
    expect(seen).toHaveLength(1)
  })
})

describe('the wait', () => {
  test('is random, below a bound that doubles up to ten seconds', () => {
    const waits = () => [0, 1, 2, 3, 10].map((tried) => waitBefore(tried, new Error('any')))
    vi.spyOn(Math, 'random').mockReturnValue(0)
    expect(waits()).toEqual([0, 0, 0, 0, 0])
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    expect(waits()).toEqual([100, 200, 400, 800, 5_000])
  })

  test.each([
    ['seconds', () => '1', 1_000],
    // A date has no milliseconds, so two seconds ahead means one to two.
    ['a date', () => new Date(Date.now() + 2_000).toUTCString(), 900],
  ])('is at least what Retry-After asks for in %s', async (_, header, atLeast) => {
    const { mgx, seen } = await clientOver((one, response, before) =>
      foreignOnce(503, { 'retry-after': header() })(one, response, before),
    )
    const begin = performance.now()
    await mgx.users.me()
    expect(performance.now() - begin).toBeGreaterThanOrEqual(atLeast)
    expect(seen).toHaveLength(2)
  })

  test('is skipped when the server asks for more than a minute, and the error says how long', async () => {
    const { mgx, seen } = await clientOver(always(429, refusal('rate_limited', 429), { 'retry-after': '3600' }), {
      deadlineMs: Infinity,
    })
    const failure = await failureOf(mgx.users.me())
    expect(failure).toBeInstanceOf(RateLimitedError)
    expect(failure).toMatchObject({ retryAfterSeconds: 3600, status: 429 })
    expect(seen).toHaveLength(1)
  })

  test('is skipped when it would exceed the deadline', async () => {
    const { mgx, seen } = await clientOver(foreignOnce(503, { 'retry-after': '8' }), { deadlineMs: 5_000 })
    const begin = performance.now()
    const failure = await failureOf(mgx.users.me())
    expect(failure).toBeInstanceOf(UnavailableError)
    expect(failure).toMatchObject({ details: { retryAfterSeconds: 8 } })
    expect(performance.now() - begin).toBeLessThan(4_000)
    expect(seen).toHaveLength(1)
  })

  test('ignores a malformed Retry-After', async () => {
    const { mgx } = await clientOver(foreignOnce(503, { 'retry-after': 'soon' }))
    expect(await mgx.users.me()).toEqual({ answer: 42 })
  })
})

test('details.retryAfterSeconds takes precedence over the header', async () => {
  const body = refusal('rate_limited', 429, { retryAfterSeconds: 7 })
  const { mgx } = await clientOver(always(429, body, { 'retry-after': '5' }), { maxRetries: 0 })
  expect(await failureOf(mgx.users.me())).toMatchObject({ retryAfterSeconds: 7 })
})
