import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMgxClient, type MgxClient, type MgxError, NotFoundError, UnexpectedAnswerError } from '../index.js'
import { clientOver, failureOf } from '../testing/client-over.js'
import { answerJson, passOn } from '../testing/stand-in-network.js'

/** tRPC's default error, without MGX's data. */
const TRPC_NOT_FOUND = JSON.stringify({
  error: {
    message: 'No procedure found on path "users.me"',
    code: -32004,
    data: { code: 'NOT_FOUND', httpStatus: 404 },
  },
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const clientOf = (url: string) => createMgxClient({ url, apiKey: server.adminApiKey })

/** Expects every kind of call to throw an UnexpectedAnswerError with this message and status. */
async function expectUnexpected(mgx: MgxClient, message: RegExp, status = 404): Promise<void> {
  async function firstOf(stream: AsyncIterable<unknown>) {
    for await (const one of stream) expect.fail(String(one))
  }
  const failures = await Promise.all([
    failureOf(mgx.users.me()),
    failureOf(mgx.users.me({ headers: { 'x-travels': 'alone' } })),
    failureOf(mgx.projects.get({ id: 1 })),
    failureOf(mgx.costs.adjust({ projectId: 1, totalCost: '1', reason: 'r' })),
    failureOf(mgx.projects.list()),
    failureOf(firstOf(mgx.costs.watch({ projectId: 1 }))),
  ])
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(UnexpectedAnswerError)
    expect(failure).toMatchObject({ reason: 'unexpected_answer', status, message: expect.stringMatching(message) })
    const { path } = failure as MgxError
    expect((failure as MgxError).message.startsWith(`${path}: `)).toBe(true)
  }
}

describe('url', () => {
  test.each(['', '/', '/trpc', '/trpc/', '//trpc//'])('may be the base URL followed by %j', async (end) => {
    const mgx = clientOf(server.url + end)
    expect(await mgx.users.me()).toMatchObject({ role: 'admin' })
    expect(await failureOf(mgx.projects.get({ id: 999_999 }))).toBeInstanceOf(NotFoundError)
  })

  test.each(['/mgx', '/mgx/', '/mgx/trpc', '/trpc/trpc', '/api'])(
    'may be %s, a path that a proxy maps to the server',
    async (base) => {
      const below = base.replace(/\/(trpc)?$/, '')
      const { url, seen } = await clientOver(async (one, response) => {
        const { status, body } = await passOn({ ...server, fetch }, { ...one, url: one.url.slice(below.length) })
        answerJson(response, body, status)
      })
      expect(await clientOf(url + base).users.me()).toMatchObject({ role: 'admin' })
      expect(seen.map((one) => one.url)).toEqual([`${below}/trpc/users.me`])
    },
  )

  test('of another path of the server throws an error that says so, not NotFoundError', async () => {
    await expectUnexpected(clientOf(`${server.url}/elsewhere`), /nothing at http.*: url must be its base URL$/)
    await expectUnexpected(clientOf(`${server.url}/api`), /this is an MGX server, but url must be .* without \/api$/)
  })
})

test.each([true, false])('a procedure missing on an older server is reported as such; batch: %s', async (batch) => {
  const { url } = await clientOver(async (one, response) => {
    const renamed = one.url.replaceAll(/\.(\w+)/g, '.$1OfTheFuture')
    const { status, body } = await passOn({ ...server, fetch }, { ...one, url: renamed })
    answerJson(response, body, status)
  })
  const mgx = createMgxClient({ url, apiKey: server.adminApiKey, batch })
  await expectUnexpected(mgx, /no such procedure at http\S+: the MGX server there is older than this client$/)
})

test('the same for servers that do not send details.missing yet', async () => {
  const missing = (message: string, path: string | null) => ({
    error: { message, code: -32004, data: { code: 'NOT_FOUND', httpStatus: 404, path, reason: 'not_found' } },
  })
  const without = async (message: string) =>
    (await clientOver((_, response) => answerJson(response, missing(message, null), 404), { batch: false })).mgx
  await expectUnexpected(await without('No procedure found on path "users.me"'), /no such procedure/)
  await expectUnexpected(await without('there is nothing at this path'), /nothing at/)
  expect(await failureOf((await without('project not found')).users.me())).toBeInstanceOf(NotFoundError)
})

describe('a response of another server is rejected:', () => {
  test.each([
    ['a page', 404, 'text/html', '<h1>Not Found</h1>'],
    ['a page with status 200', 200, 'text/html', 'ok'],
    ['an empty body', 200, 'application/json', ''],
    ['an error of another API', 404, 'application/json', '{"error":"Not Found","message":"no route","statusCode":404}'],
    ['an error with code and message', 404, 'application/json', '{"error":{"code":404,"message":"Not found."}}'],
    ['an error of another tRPC server', 404, 'application/json', TRPC_NOT_FOUND],
    ['an error without facts', 500, 'application/json', '{"error":{"message":"no","code":-1,"data":null}}'],
    ['a truncated response', 200, 'application/json', '{"result":{"da'],
    ['a result of JSON-RPC', 200, 'application/json', '{"jsonrpc":"2.0","result":{"users":[]},"id":1}'],
    ['a proxy that requires its own login', 401, 'text/html', '<h1>Sign in</h1>'],
    ['a redirection', 302, 'text/plain', 'moved'],
  ])('%s', async (_, status, type, body) => {
    const answer = () => new Response(body, { status, headers: { 'content-type': type } })
    const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'k', batch: false, fetch: async () => answer() })
    await expectUnexpected(mgx, /returned \d+ with \S+: is url the base URL of an MGX server\?$/, status)
  })
})
