import { expectAuthority, type WalkAnswer, type WalkCaller, walkCallers } from '@mgx/api/testing'
import { createIdentity, SYSTEM } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { restRequest } from '../testing/rest-request.js'
import { AUDIENCE, type SmallIssuer, startSmallIssuer } from '../testing/small-issuer.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { type Operation, operations } from './operations.js'

/** How the credential of a caller is sent: as a bearer token, unless its name says otherwise. */
const COOKIE = { own: 'cookie from a page of the server: ', foreign: 'cookie from another origin: ' }

describe.each(testDatabases)('on $name', (database) => {
  let server: TestServer
  let issuer: SmallIssuer
  let callers: WalkCaller[]
  beforeAll(async () => {
    issuer = await startSmallIssuer()
    const oidc = { issuer: issuer.issuer, audience: AUDIENCE, createUsers: false, admin: undefined }
    server = await startTestServer({ databaseUrl: await database.migratedUrl(), oidc })
    const bearers = await walkCallers(server.services, issuer)
    const signedIn = bearers.filter(({ name }) => name.endsWith('signed-in person'))
    const inCookies = signedIn.map(async (caller) => {
      const account = { issuer: 'https://issuer.example', subject: caller.name, userId: caller.own.user }
      // Removed in the walk, which only one caller can do.
      const { id: identity } = await createIdentity(server.services.db, account, SYSTEM)
      const { name, credential, own } = caller
      return [
        { ...caller, name: `${name}, in a cookie`, credential: COOKIE.own + credential, own: { ...own, identity } },
        { ...caller, name: `${name}, elsewhere`, credential: COOKIE.foreign + credential, actor: undefined },
      ]
    })
    callers = [...bearers, ...(await Promise.all(inCookies)).flat()]
  })
  afterAll(async () => {
    await server?.close()
    await issuer?.close()
  })

  function credentialHeaders(credential: string | undefined): Record<string, string> {
    if (credential === undefined) return {}
    const [, kind, token] = /^(cookie from .*: )?(.*)$/.exec(credential) ?? []
    if (kind === undefined) return { authorization: `Bearer ${credential}` }
    return { cookie: `mgx_session=${token}`, 'sec-fetch-site': kind === COOKIE.own ? 'same-origin' : 'cross-site' }
  }

  async function call(
    operation: Operation,
    credential: string | undefined,
    input: Record<string, unknown>,
  ): Promise<WalkAnswer> {
    const { method, path, body } = restRequest(operation, input)
    const headers = {
      ...credentialHeaders(credential),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const response = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) })
    const { requestId: _, ...answer } = (await response.json()) as WalkAnswer
    return { status: response.status, ...answer }
  }

  test.each(operations.map((operation) => [`${operation.method} ${operation.template}`, operation] as const))(
    '%s serves those whom its authority names, with their own rows',
    (_, operation) =>
      expectAuthority(operation.path, callers, (credential, input) => call(operation, credential, input)),
  )
})
