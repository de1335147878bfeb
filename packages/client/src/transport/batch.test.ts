import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import {
  ConflictError,
  createMgxClient,
  type MgxClientOptions,
  NotFoundError,
  PayloadTooLargeError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../index.js'
import { answered, clientOver, failureOf, refusal } from '../testing/client-over.js'
import { describeHttpServers, describeServers, type Server } from '../testing/describe-servers.js'
import { answerJson, type Seen } from '../testing/stand-in-network.js'

const record = { projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }
const pathsOf = ({ url }: Seen) => url.slice('/trpc/'.length).replace('?batch=1', '').split(',')
const answersTo = (one: Seen, answer: (index: number) => unknown = () => answered) =>
  pathsOf(one).map((_, i) => answer(i))
/** Responds to batches and single calls. */
const answerAll = (one: Seen, response: ServerResponse) =>
  answerJson(response, one.url.includes('batch') ? answersTo(one) : answered)

function clientSeen(server: Server, options: MgxClientOptions = {}) {
  const sent: (readonly string[])[] = []
  const onRequest: MgxClientOptions['onRequest'] = ({ paths }) => sent.push(paths)
  return { sent, mgx: createMgxClient({ ...server, onRequest, ...options }) }
}

describeServers('calls of one tick, to a server', (server) => {
  test('are sent together, 50 per request, queries and mutations apart; each gets its own response', async () => {
    const { mgx, sent } = clientSeen(server)
    const names = Array.from({ length: 120 }, (_, index) => `project ${index}`)
    const [me, health, ...projects] = await Promise.all([
      mgx.users.me(),
      mgx.system.health(),
      ...names.map((name) => mgx.projects.create({ name, idea: 'x' })),
    ])
    expect(me.role).toBe('admin')
    expect(health.status).toBe('ok')
    expect(projects.map(({ name }) => name)).toEqual(names)
    expect(sent.map(({ length }) => length).sort()).toEqual([2, 20, 50, 50])
    expect(sent).toContainEqual(['users.me', 'system.health'])
  })

  test('fail one by one', async () => {
    const { mgx, sent } = clientSeen(server)
    const [{ status: first }, second, third] = await Promise.all([
      mgx.system.health(),
      failureOf(mgx.projects.get({ id: 999_999 })),
      failureOf(mgx.users.getByUsername({ username: 'nobody' })),
    ])
    expect(first).toBe('ok')
    expect(second).toBeInstanceOf(NotFoundError)
    expect(second).toMatchObject({ path: 'projects.get', message: 'projects.get: project not found' })
    expect(third).toMatchObject({ path: 'users.getByUsername', message: 'users.getByUsername: user not found' })
    expect(sent).toHaveLength(1)
    const twins = ['a', 'b'].map((email) => mgx.users.create({ username: 'twin', email: `${email}@example.com` }))
    const settled = await Promise.allSettled(twins)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(ConflictError) })
  })

  test('are sent one by one with batch: false', async () => {
    const { mgx, sent } = clientSeen(server, { batch: false })
    await Promise.all([mgx.users.me(), mgx.users.me()])
    expect(sent).toEqual([['users.me'], ['users.me']])
  })

  test('a single call is sent unbatched', async () => {
    const { mgx, sent } = clientSeen(server)
    await mgx.users.me()
    await mgx.users.me()
    expect(sent).toEqual([['users.me'], ['users.me']])
  })
})

describeHttpServers('calls of one tick, to a server', (server) => {
  test('are committed together', async () => {
    const { mgx, sent } = clientSeen(server)
    const { id: projectId } = await mgx.projects.create({ name: 'one commit', idea: 'x', investment: '100' })
    const statements: string[] = []
    server.services.db.on('query', ({ sql }) => statements.push(sql))
    const answers = await Promise.all(Array.from({ length: 32 }, () => mgx.costs.record({ ...record, projectId })))
    server.services.db.removeAllListeners('query')
    expect(sent.at(-1)).toHaveLength(32)
    expect(new Set(answers.map(({ record: { id } }) => id)).size).toBe(32)
    expect(statements.filter((sql) => sql.startsWith('COMMIT'))).toHaveLength(1)
  })
})

test('calls with different headers are sent separately', async () => {
  const { mgx, seen } = await clientOver(answerAll, { headers: { 'X-Team': 'red' } })
  const blue = { headers: { 'x-team': 'blue' } }
  await Promise.all([mgx.users.me(), mgx.users.me(blue), mgx.users.me(), mgx.users.me(blue)])
  expect(seen.map((one) => `${one.headers['x-team']} ${pathsOf(one).length}`).sort()).toEqual(['blue 2', 'red 2'])
})

describe('a body is at most 1 MiB', () => {
  const idea = (character: string, bytes: number) => character.repeat(bytes / Buffer.byteLength(character))

  test.each(['a', 'ä', '🐍'])('of %s', async (character) => {
    const { mgx, seen } = await clientOver(answerAll)
    const create = () => mgx.projects.create({ name: 'a', idea: idea(character, 260_000) })
    await Promise.all(Array.from({ length: 9 }, create))
    expect(seen.map((one) => pathsOf(one).length).sort()).toEqual([1, 4, 4])
    expect(Math.max(...seen.map(({ body }) => Buffer.byteLength(body)))).toBeLessThanOrEqual(1024 * 1024)
  })

  test('a larger call is sent alone, for the server to reject', async () => {
    const { mgx, seen } = await clientOver(answerAll)
    const sizes = [10, 1_100_000, 10]
    await Promise.all(sizes.map((bytes) => mgx.projects.create({ name: 'a', idea: idea('a', bytes) })))
    expect(seen.map((one) => pathsOf(one).length)).toEqual([1, 1, 1])
  })
})

describe('each call of a batch', () => {
  test('is retried by itself, with its own idempotency key', async () => {
    const { mgx, seen } = await clientOver((one, response, before) =>
      before === 0
        ? answerJson(
            response,
            answersTo(one, (i) => (i === 1 ? refusal('unavailable', 503) : answered)),
            207,
          )
        : answerAll(one, response),
    )
    expect(await Promise.all([1, 2, 3].map(() => mgx.costs.record(record)))).toHaveLength(3)
    expect(seen.map((one) => pathsOf(one).length)).toEqual([3, 1])
    const key = JSON.parse(seen[1]?.body ?? '').idempotencyKey
    expect(key).toBe(JSON.parse(seen[0]?.body ?? '')[1].idempotencyKey)
  })

  test('has its own time limit', async () => {
    const { mgx, seen } = await clientOver((one, response) => setTimeout(() => answerAll(one, response), 200))
    const [hasty, patient] = await Promise.all([
      failureOf(mgx.users.me({ timeoutMs: 50, maxRetries: 0 })),
      mgx.users.me({ timeoutMs: 5_000 }),
    ])
    expect(hasty).toBeInstanceOf(TimeoutError)
    expect(patient).toEqual({ answer: 42 })
    expect(seen).toHaveLength(1)
  })

  test('can be cancelled before it is sent', async () => {
    const { mgx, seen } = await clientOver(answerAll)
    const controller = new AbortController()
    const calls = [failureOf(mgx.users.me({ signal: controller.signal })), mgx.system.health()]
    controller.abort(new Error('enough'))
    expect(await Promise.all(calls)).toEqual([new Error('enough'), { answer: 42 }])
    expect(seen.map(pathsOf)).toEqual([['system.health']])
  })

  test('gets the error when the request is rejected as a whole', async () => {
    const whole = refusal('payload_too_large', 413)
    const { mgx } = await clientOver((_, response) => answerJson(response, whole, 413))
    for (const failure of await Promise.all([1, 2].map(() => failureOf(mgx.costs.record(record)))))
      expect(failure).toBeInstanceOf(PayloadTooLargeError)
  })

  test.each([
    ['fewer answers', () => [answered]],
    ['one answer for all', () => answered],
    ['malformed answers', () => [1, null]],
  ])('does not take %s for its own', async (_, body) => {
    const { mgx } = await clientOver((_, response) => answerJson(response, body()))
    for (const failure of await Promise.all([1, 2].map(() => failureOf(mgx.users.me()))))
      expect(failure).toBeInstanceOf(UnexpectedAnswerError)
  })
})

test('the request is aborted when all of its calls are cancelled', async () => {
  let closed: Promise<unknown> | undefined
  const { mgx } = await clientOver((_, response) => {
    closed = once(response, 'close')
  })
  await Promise.all([400, 500].map((timeoutMs) => failureOf(mgx.users.me({ timeoutMs, maxRetries: 0 }))))
  expect(closed).toBeInstanceOf(Promise)
  await closed
})
