import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testDatabases } from '@mgx/db/testing'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUDIENCE } from '../testing/small-issuer.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const client = { client_id: 'service', client_secret: 'a secret of this test' }

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
}

/** Starts a real OpenID provider whose access tokens are JWTs for our audience. */
async function startProvider(keys: JWK[], port = 0): Promise<{ server: Server; issuer: string }> {
  const server = createServer()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{ ...client, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    jwks: { keys } as never,
    scopes: ['mgx:read', 'mgx:write'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          scope: 'mgx:read mgx:write',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
        }),
      },
    },
  })
  server.on('request', provider.callback())
  return { server, issuer }
}

describe.each(testDatabases)('a real OpenID provider and we on $name', (database) => {
  let peer: Awaited<ReturnType<typeof startProvider>>
  let mgx: TestServer
  let ahead = 0
  beforeAll(async () => {
    peer = await startProvider([await newKey('first')])
    const oidc = { issuer: peer.issuer, audience: AUDIENCE, createUsers: true, admin: undefined }
    const databaseUrl = await database.migratedUrl()
    mgx = await startTestServer({ databaseUrl, oidc, now: () => performance.now() + ahead })
  })
  afterAll(async () => {
    await mgx?.close()
    await stop()
  })

  async function stop(): Promise<void> {
    peer.server.closeAllConnections()
    await new Promise((resolve) => peer.server.close(resolve))
  }

  async function tokenFor(scope: string): Promise<string> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE, scope, ...client })
    const response = await fetch(`${peer.issuer}/token`, { method: 'POST', body })
    const { access_token: token } = (await response.json()) as { access_token: string }
    return token
  }
  const status = async (token: string) =>
    (await fetch(`${mgx.url}/trpc/projects.list`, { headers: { authorization: `Bearer ${token}` } })).status
  async function create(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'n', idea: 'i' })
    return (await fetch(`${mgx.url}/trpc/projects.create`, { method: 'POST', headers, body })).status
  }

  test('agree on its access tokens, the change of its keys, and its end', async () => {
    const writer = await tokenFor('mgx:write')
    expect(decodeProtectedHeader(writer)).toMatchObject({ typ: 'at+jwt', kid: 'first' })
    expect(decodeJwt(writer)).toMatchObject({ iss: peer.issuer, aud: AUDIENCE, sub: client.client_id })
    expect(await create(writer)).toBe(200)
    expect(await create(await tokenFor('mgx:read'))).toBe(403)

    const port = Number(new URL(peer.issuer).port)
    await stop()
    peer = await startProvider([await newKey('second')], port)
    const next = await tokenFor('mgx:read')
    expect(await status(next)).toBe(401)
    ahead += 31_000
    expect(await status(next)).toBe(200)

    const last = await tokenFor('mgx:read')
    await stop()
    ahead += 600_000
    for (const token of [writer, next, last]) expect(await status(token)).toBe(200)
    ahead += 24 * 3_600_000
    const { headers } = { headers: { authorization: `Bearer ${last.slice(0, -4)}AAAA` } }
    expect((await fetch(`${mgx.url}/trpc/users.me`, { headers })).status).toBe(503)
    peer = await startProvider([await newKey('third')], port)
  })
})
