import { randomUUID } from 'node:crypto'
import { CreatedApiKey, Project } from '@mgx/contract'
import { retireSigningKeys, SYSTEM } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openStream, refusalIn } from '../testing/raw-stream.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const Token = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.literal(600),
  scope: z.string(),
})
type Key = z.infer<typeof CreatedApiKey>
/** More than servers remember a proof or the signing keys. */
const REMEMBERED_MILLISECONDS = 4_100

describe.each(testDatabases)('access tokens of ours on $name', (database) => {
  const secrets = { current: randomUUID().repeat(2) }
  let databaseUrl: string
  let server: TestServer
  let ahead = 0
  beforeAll(async () => {
    databaseUrl = await database.migratedUrl()
    server = await startTestServer({ databaseUrl, secrets, now: () => performance.now() + ahead })
  })
  afterAll(() => server?.close())

  const as = (apiKey: string) => ({ url: server.url, apiKey })
  const admin = () => as(server.adminApiKey)
  const newKey = async (key: object = {}): Promise<Key> =>
    CreatedApiKey.parse(await call(admin(), 'apiKeys.create', { name: 'client', ...key }))
  const newProject = async () => Project.parse(await call(admin(), 'projects.create', { name: 'n', idea: 'i' })).id
  const status = async (token: string, path = 'projects.list') =>
    (await fetch(`${server.url}/trpc/${path}`, { headers: { authorization: `Bearer ${token}` } })).status

  function post(form: Record<string, string> | [string, string][], headers: Record<string, string> = {}) {
    const body = new URLSearchParams(Array.isArray(form) ? form : { grant_type: 'client_credentials', ...form })
    return fetch(`${server.url}/oauth/token`, { method: 'POST', body, headers })
  }
  const credentialsOf = ({ apiKey, key }: Key) => ({ client_id: String(apiKey.id), client_secret: key })
  async function tokenOf(key: Key, form: Record<string, string> = {}): Promise<string> {
    const response = await post({ ...credentialsOf(key), ...form })
    return Token.parse(await response.json()).access_token
  }
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  })

  test('are JWTs after RFC 9068, which anybody can verify with the published keys', async () => {
    const key = await newKey({ scopes: ['record'] })
    const response = await post(credentialsOf(key))
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { access_token: token, scope } = Token.parse(await response.json())
    expect(scope).toBe('record')
    const keys = await fetch(`${server.url}/.well-known/jwks.json`)
    expect(keys.headers.get('cache-control')).toBe('public, max-age=60')
    expect(await keys.text()).not.toMatch(/"d"/)
    const verifiers = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))
    const { payload } = await jwtVerify(token, verifiers, { issuer: server.url, audience: server.url, typ: 'at+jwt' })
    expect(payload).toEqual({
      iss: server.url,
      aud: server.url,
      sub: String(key.apiKey.userId),
      client_id: String(key.apiKey.id),
      scope: 'record',
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 600,
      jti: expect.any(String),
    })
    expect(await status(token)).toBe(200)
    const entries = await server.services.db('audit_log').where({ action: 'oauth.token' })
    expect(entries).toHaveLength(1)
    expect(JSON.stringify(entries)).not.toContain(token.split('.')[2])
    expect(entries[0]).toMatchObject({ subject: `apiKey:${key.apiKey.id}`, credential: `apiKey:${key.apiKey.id}` })
  })

  test('are issued to a client that knows only the metadata', async () => {
    const key = await newKey()
    for (const method of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
      const { client_id: id, client_secret: secret } = credentialsOf(key)
      const client = await openid.discovery(new URL(server.url), id, undefined, method(secret), {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      })
      const { access_token: token } = await openid.clientCredentialsGrant(client, { scope: 'read record' })
      expect(decodeJwt(token)).toMatchObject({ scope: 'read record', client_id: id })
      expect(await status(token)).toBe(200)
    }
  })

  test('may do no more than asked, and no more than the key', async () => {
    const key = await newKey({ scopes: ['write'] })
    const reader = await tokenOf(key, { scope: 'read' })
    await expect(call(as(reader), 'projects.create', { name: 'n', idea: 'i' })).rejects.toThrow('forbidden')
    for (const scope of ['admin', 'read admin', 'nothing', 'mgx:read', 'READ']) {
      const response = await post({ ...credentialsOf(key), scope })
      expect([response.status, await response.json()], scope).toMatchObject([400, { error: 'invalid_scope' }])
    }
    const writer = await tokenOf(key)
    await call(as(writer), 'projects.create', { name: 'n', idea: 'i' })
    // Keys and sessions outlive a token, so it cannot create them.
    await expect(call(as(writer), 'apiKeys.create', { name: 'x' })).rejects.toThrow('forbidden')
    await server.services.db('api_keys').where({ id: key.apiKey.id }).update({ scopes: '["read"]' })
    ahead += REMEMBERED_MILLISECONDS
    await expect(call(as(writer), 'projects.create', { name: 'n', idea: 'i' })).rejects.toThrow('forbidden')
  })

  test('that are bound to a project touch nothing else, and end with it', async () => {
    const [projectId, other] = [await newProject(), await newProject()]
    const free = await newKey()
    const bound = await newKey({ projectId })
    for (const token of [await tokenOf(free, { project_id: String(projectId) }), await tokenOf(bound)]) {
      expect(decodeJwt(token).project_id).toBe(projectId)
      expect(await call(as(token), 'projects.get', { id: projectId })).toMatchObject({ id: projectId })
      await expect(call(as(token), 'projects.get', { id: other })).rejects.toThrow('not_found')
      await expect(call(as(token), 'users.list')).rejects.toThrow('forbidden')
    }
    for (const [key, project] of [
      [bound, other],
      [free, 99_999],
      [await newKey({ scopes: ['write'], userId: await newMember() }), projectId],
    ] as [Key, number][]) {
      const response = await post({ ...credentialsOf(key), project_id: String(project) })
      expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_target' }])
    }
    const token = await tokenOf(free, { project_id: String(projectId) })
    const stream = await openStream(as(token), { projectId })
    await call(admin(), 'projects.updateStatus', { id: projectId, status: 'failed' })
    await stream.closed
    expect(refusalIn(stream.text())?.data.reason).toBe('unauthenticated')
    ahead += REMEMBERED_MILLISECONDS
    expect(await status(token)).toBe(401)
    expect((await post({ ...credentialsOf(free), project_id: String(projectId) })).status).toBe(400)
  })

  async function newMember(): Promise<number> {
    const name = randomUUID()
    const made = await call(admin(), 'users.create', { username: name, email: `${name}@example.com` })
    return (made as { user: { id: number } }).user.id
  }

  test('end with their API key, and so do their streams', async () => {
    const key = await newKey()
    const token = await tokenOf(key)
    const stream = await openStream(as(token), { projectId: await newProject() })
    expect(await status(token)).toBe(200)
    await call(admin(), 'apiKeys.revoke', { id: key.apiKey.id })
    expect(await status(token)).toBe(401)
    await stream.closed
    expect(refusalIn(stream.text())?.data.reason).toBe('unauthenticated')
    expect((await post(credentialsOf(key))).status).toBe(401)
  })

  test('are refused when they are not exactly what was issued', async () => {
    const token = await tokenOf(await newKey())
    const { kid } = decodeProtectedHeader(token)
    const claims = decodeJwt(token)
    const [head = '', body = '', signature = ''] = token.split('.')
    const { privateKey } = await generateKeyPair('ES256')
    const forged = (header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey)
    const more = Buffer.from(JSON.stringify({ ...claims, scope: 'admin', exp: 9_999_999_999 })).toString('base64url')
    for (const wrong of [
      await forged({ kid, typ: 'at+jwt' }),
      await forged({ kid: randomUUID(), typ: 'at+jwt' }),
      await forged({ typ: 'at+jwt' }),
      `${head}.${more}.${signature}`,
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body}.`,
      `${head}.${body}.`,
      `${token}x`,
    ]) {
      expect(await status(wrong), wrong).toBe(401)
    }
    expect(await status(token)).toBe(200)
  })

  test('of a retired key are valid until they end; the next key is there within seconds', async () => {
    const key = await newKey()
    const before = await tokenOf(key)
    const { keys } = await retireSigningKeys(server.services.db, SYSTEM)
    expect(keys).toHaveLength(1)
    ahead += REMEMBERED_MILLISECONDS
    const after = await tokenOf(key)
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    for (const token of [before, after]) expect(await status(token)).toBe(200)
    expect(await publishedKeys()).toHaveLength(2)

    const rows = server.services.db('signing_keys').whereNotNull('retiredAt')
    expect((await rows.clone()).map(({ sealedKey }) => sealedKey)).toEqual([null])
    const ended = await tokenOf(key)
    await rows.clone().update({ retiredAt: '2020-01-01T00:00:00.000Z' })
    ahead += REMEMBERED_MILLISECONDS
    const unseen = await startTestServer({
      ...(database.name === 'sqlite' ? {} : { databaseUrl, adminApiKey: server.adminApiKey }),
      issuer: server.url,
      secrets,
    })
    const headers = { authorization: `Bearer ${before}` }
    expect((await fetch(`${unseen.url}/trpc/projects.list`, { headers })).status).toBe(401)
    await unseen.close()
    expect(await publishedKeys()).toHaveLength(1)
    expect(await status(ended)).toBe(200)
  })

  async function publishedKeys(): Promise<unknown[]> {
    const response = await fetch(`${server.url}/.well-known/jwks.json`)
    return ((await response.json()) as { keys: unknown[] }).keys
  }

  test.each<[name: string, error: string, form: [string, string][], headers?: Record<string, string>]>([
    ['no grant', 'invalid_request', []],
    ['another grant', 'unsupported_grant_type', [['grant_type', 'password']]],
    [
      'a parameter twice',
      'invalid_request',
      [
        ['grant_type', 'client_credentials'],
        ['scope', 'read'],
        ['scope', 'write'],
      ],
    ],
    [
      'two credentials',
      'invalid_request',
      [
        ['grant_type', 'client_credentials'],
        ['client_secret', 'x'],
      ],
      basic('1', 'x'),
    ],
    [
      'another client in the body',
      'invalid_request',
      [
        ['grant_type', 'client_credentials'],
        ['client_id', '2'],
      ],
      basic('1', 'x'),
    ],
    [
      'a project that is no id',
      'invalid_request',
      [
        ['grant_type', 'client_credentials'],
        ['project_id', '1e3'],
      ],
    ],
  ])('are refused for %s: %s', async (_, error, form, headers) => {
    const response = await post(form, headers)
    expect([response.status, await response.json()]).toMatchObject([400, { error }])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('are not issued to a client with wrong credentials', async () => {
    const key = await newKey()
    const { client_id: id, client_secret: secret } = credentialsOf(key)
    const token = await tokenOf(key)
    const { token: session } = (await call(admin(), 'sessions.create', {})) as { token: string }
    const tried: [Record<string, string>, Record<string, string>?][] = [
      [{}],
      [{ client_id: id }],
      [{ client_id: id, client_secret: 'wrong' }],
      [{ client_id: '1', client_secret: secret }],
      [{ client_id: `0${id}`, client_secret: secret }],
      [{ client_id: id, client_secret: token }],
      [{ client_id: id, client_secret: session }],
      [{}, basic(id, 'wrong')],
      [{}, { authorization: 'Basic %%%' }],
      [{}, { authorization: `Basic ${Buffer.from(`${id}:%zz`).toString('base64')}` }],
      [{}, { authorization: `Bearer ${secret}` }],
    ]
    for (const [form, headers] of tried) {
      const response = await post(form, headers)
      const what = JSON.stringify([form, headers])
      expect([response.status, await response.json()], what).toMatchObject([401, { error: 'invalid_client' }])
      expect(response.headers.get('www-authenticate'), what).toMatch(/^Basic /)
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
    expect((await post({}, basic(id, secret))).status).toBe(200)
  })

  test('need a form', async () => {
    const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${server.url}/oauth/token`, json)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_request' }])
    const large = await post({ scope: 'x'.repeat(20_000) })
    expect([large.status, await large.json()]).toMatchObject([413, { error: 'invalid_request' }])
    // Forms are taken only there.
    const form = { method: 'POST', body: new URLSearchParams({ id: '1' }) }
    expect((await fetch(`${server.url}/trpc/users.create`, form)).status).toBe(415)
    const byGet = await fetch(`${server.url}/oauth/token`)
    expect([byGet.status, byGet.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
