import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import * as client from './index.js'
import { clientOver, failureOf, refusal, serverInMemory } from './testing/client-over.js'
import { describeServers } from './testing/describe-servers.js'
import { answerJson } from './testing/stand-in-network.js'

describeServers('errors from a server', (server) => {
  test('have a message that begins with the procedure', async () => {
    const mgx = client.createMgxClient(server)
    const { id } = await mgx.projects.create({ name: 'n', idea: 'i', investment: '1' })
    const empty = { name: '', idea: '', investment: '-1' }
    const messages = await Promise.all(
      [
        mgx.projects.get({ id: 999_999 }),
        mgx.projects.create(empty),
        mgx.budgets.reserve({ projectId: id, amount: '2' }),
        mgx.budgets.guard({ projectId: id, estimate: '2' }, () => expect.fail('there is no money')),
      ].map(async (call) => String(await failureOf(call))),
    )
    expect(messages).toEqual([
      'NotFoundError: projects.get: project not found',
      expect.stringMatching(/^InvalidInputError: projects\.create: name: .+; idea: .+; investment: .+/),
      expect.stringMatching(/^BudgetExceededError: budgets\.reserve: /),
      expect.stringMatching(/^BudgetExceededError: budgets\.reserve: /),
    ])
  })

  test('name the apiKey option when the key is not accepted', async () => {
    const stranger = client.createMgxClient({ ...server, apiKey: 'mgx_key_of_nobody' })
    async function watching() {
      for await (const event of stranger.costs.watch({ projectId: 1 })) expect.fail(String(event))
    }
    const calls = [stranger.users.me(), stranger.projects.create({ name: 'n', idea: 'i' }), watching()]
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toBeInstanceOf(client.UnauthenticatedError)
      expect(String(failure)).toMatch(/: the server does not accept the apiKey: .* MGX_API_KEY$/)
      expect(String(failure)).not.toMatch(/Bearer|Authorization|nobody/)
    }
  })
})

test('an error serializes to JSON with its message and details', async () => {
  const mgx = client.createMgxClient(await serverInMemory())
  const failure = await failureOf(mgx.budgets.reserve({ projectId: 1, amount: '0' }))
  const { requestId, message, fields } = failure as client.InvalidInputError
  expect(JSON.parse(JSON.stringify({ error: failure }))).toEqual({
    error: {
      name: 'InvalidInputError',
      message,
      reason: 'invalid_input',
      status: 400,
      requestId,
      details: { fields },
      path: 'budgets.reserve',
    },
  })
  expect(message).toMatch(/^budgets\.reserve: amount: /)
  expect(requestId).toBeTruthy()
})

test('an error in JSON never contains a secret', async () => {
  const secret = 'mgx_key_0123456789'
  const details = { token: 'my own words', fields: [{ path: 'a', message: `not ${secret}` }] }
  const { mgx } = await clientOver((_, response) => answerJson(response, refusal('forbidden', 403, details), 403))
  const unreachable = client.createMgxClient({
    url: 'http://127.0.0.1:1',
    apiKey: secret,
    maxRetries: 0,
    fetch: () => Promise.reject(new TypeError(`bad header: Bearer ${secret}`)),
  })
  for (const failure of await Promise.all([mgx.users.me(), unreachable.users.me()].map(failureOf))) {
    const text = JSON.stringify(failure)
    expect(text).toContain('"message":"users.me: ')
    expect(text).not.toMatch(/my own words|0123456789/)
  }
})

test('a printed error shows its message and facts only once', async () => {
  const { mgx } = await clientOver((_, response) => answerJson(response, refusal('forbidden', 403), 403))
  const text = inspect(await failureOf(mgx.users.me()))
  expect(text.match(/users\.me: not now/g)).toHaveLength(1)
  expect(text).toMatch(/reason: 'forbidden'/)
  expect(text).toMatch(/requestId: 'req-1'/)
})
