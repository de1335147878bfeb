import { createHmac, randomUUID } from 'node:crypto'
import { User } from '@mgx/contract'
import { testDatabases } from '@mgx/db/testing'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStream, refusalIn } from '../testing/raw-stream.js'
import { call } from '../testing/rpc.js'
import { AUDIENCE, type SmallIssuer, startSmallIssuer } from '../testing/small-issuer.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const now = () => Math.floor(Date.now() / 1_000)
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe.each(testDatabases)('tokens of another issuer on $name', (database) => {
  let peer: SmallIssuer
  let server: TestServer
  let databaseUrl: string
  /** Milliseconds that the server's monotonic clock is ahead. */
  let ahead = 0
  beforeAll(async () => {
    peer = await startSmallIssuer()
    databaseUrl = await database.migratedUrl()
    const admin = { claim: 'groups', value: 'mgx-admins' }
    const oidc = { issuer: peer.issuer, audience: AUDIENCE, createUsers: true, admin }
    server = await startTestServer({ databaseUrl, oidc, now: () => performance.now() + ahead })
  })
  afterAll(async () => {
    await server?.close()
    await peer?.close()
  })

  const as = (apiKey: string) => ({ url: server.url, apiKey })
  const me = async (token: string) => User.parse(await call(as(token), 'users.me'))
  const status = async (token: string) =>
    (await fetch(`${server.url}/trpc/users.me`, { headers: { authorization: `Bearer ${token}` } })).status
  const newSubject = () => randomUUID()

  test('make a member at first sight, whom all later tokens of the account are', async () => {
    const claims = { sub: newSubject(), preferred_username: 'Grace', email: 'grace@example.com' }
    const user = await me(await peer.sign(claims))
    expect(user).toMatchObject({ username: 'Grace', email: 'grace@example.com', role: 'member' })
    expect(await me(await peer.sign({ ...claims, email: 'other@example.com' }))).toEqual(user)
  })

  test('never become an existing user by a name or an email', async () => {
    const admin = await me(server.adminApiKey)
    const claims = { sub: newSubject(), preferred_username: admin.username, email: admin.email }
    const user = await me(await peer.sign(claims))
    expect(user.id).not.toBe(admin.id)
    expect(user).toMatchObject({ role: 'member', username: expect.stringMatching(`^${admin.username}-[0-9a-f]{8}$`) })
    expect(user.email).toMatch(/\.invalid$/)
    const unverified = await me(
      await peer.sign({ sub: newSubject(), email: 'unverified@example.com', email_verified: false }),
    )
    expect(unverified).toMatchObject({ username: 'unverified@example.com', email: expect.stringMatching(/\.invalid$/) })
  })

  test('of one account, first seen by many calls at once, make one member', async () => {
    const sub = newSubject()
    const tokens = await Promise.all(Array.from({ length: 12 }, () => peer.sign({ sub, jti: randomUUID() })))
    const users = await Promise.all(tokens.map(me))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
  })

  test('are accepted with each audience, type and clock that is allowed', async () => {
    for (const [claims, header] of [
      [{ aud: AUDIENCE }],
      [{ aud: ['https://other.example', AUDIENCE] }],
      [{}, { typ: 'JWT' }],
      [{}, { typ: undefined }],
      [{ nbf: now() + 20, iat: now() + 20 }],
      [{ exp: now() - 15 }],
      [{ iat: undefined }],
    ] as [object, object?][]) {
      expect(await status(await peer.sign(claims, header)), JSON.stringify([claims, header])).toBe(200)
    }
    for (const algorithm of ['ES256', 'PS256', 'EdDSA', 'RS256']) {
      await peer.addKey(algorithm)
      ahead += 60_000
      expect(await status(await peer.sign()), algorithm).toBe(200)
    }
  })

  test('are refused when anything about them is wrong', async () => {
    const fetched = peer.fetches()
    const stranger = await generateKeyPair('RS256', { extractable: true })
    const [known] = peer.keys()
    const good = { iss: peer.issuer, aud: AUDIENCE, sub: 'ada', iat: now(), exp: now() + 300 }
    const signed = (claims: object, header: object, key = stranger.privateKey) =>
      new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'RS256', ...header }).sign(key)
    const hmacOf = (secret: string | Buffer) => {
      const text = `${base64({ alg: 'HS256', typ: 'JWT', kid: known?.kid })}.${base64(good)}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }
    const publicKey = (await importJWK({ ...known }, 'RS256', { extractable: true })) as CryptoKey
    const pem = await exportSPKI(publicKey)
    const ours = await peer.sign()
    const [head = '', body = '', signature = ''] = ours.split('.')
    const wrong: Record<string, string> = {
      'alg none': `${base64({ alg: 'none', typ: 'JWT' })}.${base64(good)}.`,
      'alg none with a signature': `${base64({ alg: 'none', typ: 'JWT' })}.${base64(good)}.${signature}`,
      'alg nOnE': `${base64({ alg: 'nOnE' })}.${body}.${signature}`,
      'HS256 with the public key in PEM': hmacOf(pem),
      'HS256 with the public key as JWK': hmacOf(JSON.stringify(known)),
      'another audience': await peer.sign({ aud: 'https://other.example' }),
      'a longer audience': await peer.sign({ aud: `${AUDIENCE}/` }),
      'a list without ours': await peer.sign({ aud: ['https://other.example'] }),
      'no audience': await peer.sign({ aud: undefined }),
      'an issuer with a slash': await peer.sign({ iss: `${peer.issuer}/` }),
      'no issuer': await peer.sign({ iss: undefined }),
      'no exp': await peer.sign({ exp: undefined }),
      'exp as text': await peer.sign({ exp: String(now() + 300) as unknown as number }),
      'an exp in the past': await peer.sign({ exp: now() - 31 }),
      'an nbf in the future': await peer.sign({ nbf: now() + 60 }),
      'an iat in the future': await peer.sign({ iat: now() + 60 }),
      'no subject': await peer.sign({ sub: undefined }),
      'an empty subject': await peer.sign({ sub: '' }),
      'a subject that is too long': await peer.sign({ sub: 'x'.repeat(256) }),
      'the type of another kind of token': await peer.sign({}, { typ: 'logout+jwt' }),
      'a key of its own in jwk': await signed({}, { kid: known?.kid, jwk: await exportJWK(stranger.publicKey) }),
      'a key of its own in jwk, without kid': await signed({}, { jwk: await exportJWK(stranger.publicKey) }),
      'a jku': await signed({}, { kid: known?.kid, jku: `${server.url}/.well-known/jwks.json` }),
      'an x5u': await signed({}, { kid: known?.kid, x5u: 'https://attacker.example/cert' }),
      'a kid with a path': await signed({}, { kid: '../../../../dev/null' }),
      'a kid with SQL': await signed({}, { kid: "' OR '1'='1" }),
      'a changed body': `${head}.${base64({ ...good, sub: 'eve' })}.${signature}`,
      'no signature': `${head}.${body}.`,
      'another signature': `${head}.${body}.${(await peer.sign({ jti: '1' })).split('.')[2]}`,
    }
    const crit = `${base64({ alg: 'RS256', kid: known?.kid, crit: ['exp'], exp: 1 })}.${base64(good)}.${signature}`
    for (const [name, token] of Object.entries({ ...wrong, crit })) expect(await status(token), name).toBe(401)
    expect(peer.fetches() - fetched).toBeLessThanOrEqual(1)
    expect(await status(ours)).toBe(200)
  })

  test('with unknown keys, a thousand of them, ask the issuer once in 30 seconds', async () => {
    ahead += 31_000
    const { privateKey } = await generateKeyPair('ES256')
    const claims = { iss: peer.issuer, aud: AUDIENCE, sub: 'ada', exp: now() + 300 }
    const fetched = peer.fetches()
    const tokens = await Promise.all(
      Array.from({ length: database.name === 'sqlite' ? 1_000 : 100 }, (_, index) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: `unknown-${index}` }).sign(privateKey),
      ),
    )
    // In waves, because a busy machine may not serve all within the time limit of a call.
    for (let sent = 0; sent < tokens.length; sent += 200) {
      const statuses = await Promise.all(tokens.slice(sent, sent + 200).map(status))
      expect(new Set(statuses)).toEqual(new Set([401]))
    }
    expect(peer.fetches() - fetched).toBe(1)
    expect(await status(await peer.sign())).toBe(200)
    ahead += 10_000
    await Promise.all(tokens.slice(0, 50).map(status))
    expect(peer.fetches() - fetched).toBe(1)
  }, 60_000)

  test('of a new key are accepted within 45 seconds', async () => {
    await peer.addKey('ES256')
    const token = await peer.sign()
    expect(await status(token)).toBe(401)
    ahead += 31_000
    expect(await status(token)).toBe(200)
  })

  test('go on while the issuer is down, and those of unknown keys wait for it', async () => {
    await me(await peer.sign())
    peer.setDown(true)
    ahead += 600_000
    expect(await status(await peer.sign({ jti: randomUUID() }))).toBe(200)
    await peer.addKey('RS256')
    const token = await peer.sign()
    ahead += 31_000
    expect(await status(token)).toBe(503)
    peer.setDown(false)
    ahead += 17_000
    expect(await status(token)).toBe(200)
  })

  test('of an issuer that is down at the start are unavailable until it is there', async () => {
    let later = 0
    const late = await startSmallIssuer()
    late.setDown(true)
    const oidc = { issuer: late.issuer, audience: AUDIENCE, createUsers: true, admin: undefined }
    const started = await startTestServer({
      ...(database.name === 'sqlite' ? {} : { databaseUrl, adminApiKey: server.adminApiKey }),
      oidc,
      now: () => performance.now() + later,
    })
    const headers = { authorization: `Bearer ${await late.sign()}` }
    const ask = async () => (await fetch(`${started.url}/trpc/users.me`, { headers })).status
    try {
      expect(await ask()).toBe(503)
      late.setDown(false)
      expect(await ask()).toBe(503)
      expect((await fetch(`${started.url}/trpc/users.me`)).status).toBe(401)
      later += 17_000
      expect(await ask()).toBe(200)
    } finally {
      await started.close()
      await late.close()
    }
  })

  test('may do what their scope says, and no more than the role', async () => {
    const project = async (claims: object) => {
      const token = await peer.sign({ sub: 'scoped', ...claims })
      return call(as(token), 'projects.create', { name: 'n', idea: 'i' }).then(
        () => 'allowed',
        (error: Error) => error.message.split(':')[0],
      )
    }
    expect(await project({})).toBe('allowed')
    expect(await project({ scope: 'openid mgx:write' })).toBe('allowed')
    expect(await project({ scp: ['mgx:admin'] })).toBe('allowed')
    expect(await project({ scope: 'openid profile' })).toBe('forbidden')
    expect(await project({ scope: 'mgx:record' })).toBe('forbidden')
    await expect(call(as(await peer.sign({ scp: ['mgx:admin'] })), 'users.list')).rejects.toThrow('forbidden')
  })

  test('name admins for as long as the claim is there', async () => {
    const sub = newSubject()
    const boss = await peer.sign({ sub, groups: ['staff', 'mgx-admins'] })
    await call(as(boss), 'users.list')
    expect((await me(boss)).role).toBe('member')
    const onlyReads = await peer.sign({ sub, groups: 'mgx-admins', scope: 'mgx:write' })
    await expect(call(as(onlyReads), 'users.list')).rejects.toThrow('forbidden')
    await expect(call(as(await peer.sign({ sub, groups: ['staff'] })), 'users.list')).rejects.toThrow('forbidden')
  })

  test('end with the identity, within the process at once', async () => {
    const sub = newSubject()
    const token = await peer.sign({ sub })
    const { id: userId } = await me(token)
    const admin = as(server.adminApiKey)
    const { items } = (await call(admin, 'identities.list', { userId })) as { items: { id: number }[] }
    const project = (await call(as(token), 'projects.create', { name: 'n', idea: 'i' })) as { id: number }
    const stream = await openStream(as(token), { projectId: project.id })
    expect(await call(admin, 'users.deactivate', { id: userId })).toMatchObject({ id: userId })
    expect(await status(token)).toBe(401)
    await stream.closed
    expect(refusalIn(stream.text())?.data.reason).toBe('unauthenticated')
    await call(admin, 'users.reactivate', { id: userId })
    expect((await me(token)).id).toBe(userId)
    await call(admin, 'identities.remove', { id: items[0]?.id })
    const next = await me(token)
    expect(next.id).not.toBe(userId)
    const linked = { userId, issuer: peer.issuer, subject: sub }
    await expect(call(admin, 'identities.create', linked)).rejects.toThrow('conflict')
  })

  test('keep a stream open until they end', async () => {
    const token = await peer.sign({ sub: 'watcher', exp: now() - 27 })
    const project = (await call(as(await peer.sign({ sub: 'watcher' })), 'projects.create', {
      name: 'n',
      idea: 'i',
    })) as { id: number }
    const stream = await openStream(as(token), { projectId: project.id })
    expect(stream.response.statusCode).toBe(200)
    await stream.closed
    expect(refusalIn(stream.text())?.data.reason).toBe('unauthenticated')
    expect(await status(token)).toBe(401)
  })
})
