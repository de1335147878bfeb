import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { TimeoutError, UnavailableError } from '../index.js'
import { answered, clientOver, failureOf, refusal } from '../testing/client-over.js'
import { answerJson, type Seen } from '../testing/stand-in-network.js'

const silent = () => undefined
const half = (_: Seen, response: ServerResponse) => response.writeHead(200).write('{"result":')
const record = { projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

const timed = async (call: PromiseLike<unknown>) => {
  const begin = performance.now()
  const failure = await failureOf(call)
  return { failure, milliseconds: performance.now() - begin }
}

describe('timeoutMs', () => {
  test.each([
    ['says nothing', silent],
    ['stops in the middle of its answer', half],
  ])('ends a try at a server that %s, and the next one may work', async (_, answer) => {
    const { mgx, seen } = await clientOver((one, response, before) =>
      before === 0 ? answer(one, response) : answerJson(response, answered),
    )
    expect(await mgx.costs.record(record, { timeoutMs: 500 })).toEqual({ answer: 42 })
    expect(seen).toHaveLength(2)
    expect(seen[1]?.body).toBe(seen[0]?.body)
  })

  test('is the error when every attempt timed out', async () => {
    const { mgx, seen } = await clientOver(silent, { timeoutMs: 500, maxRetries: 1 })
    const { failure } = await timed(mgx.users.me())
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(failure).toMatchObject({
      name: 'TimeoutError',
      reason: 'timed_out',
      limit: 'timeoutMs',
      path: 'users.me',
      message: 'users.me: no response within 500 ms (timeoutMs)',
    })
    expect(seen).toHaveLength(2)
  })

  test('does not retry a call that might count twice', async () => {
    const { mgx, seen } = await clientOver(silent, { timeoutMs: 500 })
    const { failure } = await timed(mgx.users.create({ username: 'a', email: 'a@b.c' }))
    expect(failure).toMatchObject({ limit: 'timeoutMs' })
    expect(seen).toHaveLength(1)
  })

  test('closes the request', async () => {
    let closed: Promise<unknown> | undefined
    const { mgx } = await clientOver(
      (_, response) => {
        closed = once(response, 'close')
      },
      { timeoutMs: 500, maxRetries: 0 },
    )
    await timed(mgx.users.me())
    expect(closed).toBeInstanceOf(Promise)
    await closed
  })

  test('works with a fetch that ignores its signal', async () => {
    const { mgx } = await clientOver(silent, {
      fetch: () => new Promise(() => undefined),
      timeoutMs: 50,
      maxRetries: 0,
    })
    expect((await timed(mgx.users.me())).failure).toBeInstanceOf(TimeoutError)
  })

  test('Infinity sets no limit', async () => {
    const { mgx } = await clientOver((_, response) => setTimeout(() => answerJson(response, answered), 50))
    expect(await mgx.users.me({ timeoutMs: Infinity, deadlineMs: Infinity })).toEqual({ answer: 42 })
  })
})

describe('deadlineMs', () => {
  test('ends the current attempt', async () => {
    const { mgx, seen } = await clientOver(silent, { deadlineMs: 500 })
    const { failure, milliseconds } = await timed(mgx.users.me())
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(failure).toMatchObject({ limit: 'deadlineMs', message: 'users.me: no response within 500 ms (deadlineMs)' })
    expect(milliseconds).toBeLessThan(2_000)
    expect(seen).toHaveLength(1)
  })

  test('covers all attempts', async () => {
    const { mgx, seen } = await clientOver(silent, { timeoutMs: 400, deadlineMs: 1_500, maxRetries: 100 })
    const { failure, milliseconds } = await timed(mgx.users.me())
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(milliseconds).toBeLessThan(3_000)
    expect(seen.length).toBeGreaterThan(1)
  })

  test('covers the waits between attempts', async () => {
    // The wait is long enough that one fits in the deadline and two do not, whatever the jitter.
    const { mgx, seen } = await clientOver(
      (_, response) => {
        response.setHeader('retry-after', '1')
        answerJson(response, refusal('unavailable', 503), 503)
      },
      { deadlineMs: 1_900, maxRetries: 1_000 },
    )
    const { failure, milliseconds } = await timed(mgx.users.me())
    expect(failure).toBeInstanceOf(UnavailableError)
    expect(seen).toHaveLength(2)
    expect(milliseconds).toBeLessThan(2_000)
  })
})

test('a signal ends a long wait immediately', async () => {
  const controller = new AbortController()
  const { mgx, seen } = await clientOver((_, response) => {
    response.setHeader('retry-after', '30')
    answerJson(response, refusal('unavailable', 503), 503)
    setTimeout(() => controller.abort(new Error('enough')), 50)
  })
  const { failure, milliseconds } = await timed(mgx.users.me({ signal: controller.signal }))
  expect(failure).toEqual(new Error('enough'))
  expect(milliseconds).toBeLessThan(10_000)
  expect(seen).toHaveLength(1)
})

test.each([{ timeoutMs: 0 }, { deadlineMs: -1 }, { timeoutMs: Number.NaN }, { maxRetries: 1.5 }, { maxRetries: -1 }])(
  'invalid call options are rejected: %j',
  async (options) => {
    const { mgx, seen } = await clientOver(silent)
    expect(await failureOf(mgx.users.me(options))).toBeInstanceOf(TypeError)
    expect(seen).toHaveLength(0)
  },
)
