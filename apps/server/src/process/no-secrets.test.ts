import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dialectOf, migrateRollback, openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { ecsFaults } from '../testing/ecs-fields.js'
import { emptyFolder, runServer, startServer } from '../testing/server-process.js'

const SECRET = 'the-secret-of-this-server-0123456789'
const PREVIOUS = 'the-secret-before-it-0123456789-0123'
const ADMIN_KEY = 'the-chosen-key-of-the-admin'
const PASSWORD = 'the-password-of-the-database'
const REDIS_PASSWORD = 'the-password-of-redis'

/** Returns the parts of a JWT that must not be found anywhere: the whole and its signature. */
const partsOf = (token: string) => (token.split('.').length === 3 ? [token, token.split('.')[2] ?? token] : [token])

/** Every format on SQLite, and on PostgreSQL the one in which most of a line is converted. */
const logs = testDatabases.flatMap((database) => {
  const formats = database.name === 'sqlite' ? ['json', 'ecs', 'pretty'] : ['ecs']
  return formats.map((format) => ({ name: database.name, format, database }))
})

describe.each(logs)('no secret on $name with a log as $format', ({ database, format }) => {
  test('is in logs, errors, the audit log, metrics, the process title or the database', {
    timeout: 120_000,
  }, async () => {
    const folder = emptyFolder()
    const databaseUrl = await database.migratedUrl()
    const server = await startServer(
      folder,
      {
        MGX_SECRET: SECRET,
        MGX_SECRET_PREVIOUS: PREVIOUS,
        MGX_ADMIN_API_KEY: ADMIN_KEY,
        REDIS_URL: `redis://someone:${REDIS_PASSWORD}@127.0.0.1:1`,
        LOG_LEVEL: 'trace',
        LOG_FORMAT: format,
        MGX_SEED: 'false',
      },
      '--database',
      databaseUrl,
    )
    const bodies: string[] = []
    async function send(
      path: string,
      { method = 'POST', credential = ADMIN_KEY as string | null, headers = {}, body = '{}' } = {},
    ) {
      const response = await fetch(server.url + path, {
        method,
        headers: {
          ...(credential !== null && { authorization: `Bearer ${credential}` }),
          'content-type': 'application/json',
          ...headers,
        },
        ...(method === 'GET' ? {} : { body }),
      })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    const call = async (procedure: string, input: unknown, credential?: string) =>
      JSON.parse(
        (await send(`/trpc/${procedure}`, { body: JSON.stringify(input), ...(credential && { credential }) })).text,
      ).result.data

    const secrets = [SECRET, PREVIOUS, ADMIN_KEY, REDIS_PASSWORD]
    const created = await call('apiKeys.create', { name: 'a' })
    const rotated = await call('apiKeys.rotate', { id: created.apiKey.id })
    const { token } = await call('sessions.create', {}, created.key)
    const user = await call('users.create', { username: 'zoe', email: 'zoe@example.com' })
    secrets.push(created.key, rotated.key, token, user.apiKey)
    const client = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(rotated.apiKey.id),
      client_secret: rotated.key,
    })
    const granted = await send('/oauth/token', {
      credential: null,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: client.toString(),
    })
    const { access_token: accessToken } = JSON.parse(granted.text)
    secrets.push(...partsOf(accessToken))
    const signedIn = await send('/auth/sign-in', { credential: null, body: JSON.stringify({ apiKey: rotated.key }) })
    const cookie = /mgx_session=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? ''
    expect([granted.status, signedIn.status, cookie.length > 20]).toEqual([200, 200, true])
    secrets.push(cookie)

    // Used in every way in, and refused in many.
    const used = [created.key, rotated.key, token, user.apiKey, accessToken]
    for (const credential of used) bodies.push((await send('/api/users/me', { method: 'GET', credential })).text)
    const wrong = `mgx_key_${'w'.repeat(43)}00000000`
    const jwt = `${accessToken.slice(0, -4)}AAAA`
    secrets.push(wrong, ...partsOf(jwt))
    const cookies = { cookie: `mgx_session=${cookie}`, 'sec-fetch-site': 'same-origin' }
    const attempts = [
      send('/trpc/users.me', { method: 'GET', credential: wrong }),
      send('/trpc/users.me', { method: 'GET', credential: jwt }),
      send('/trpc/users.me?unusual=1', { method: 'GET', credential: wrong }),
      send('/api/users/me', { method: 'GET', credential: null, headers: cookies }),
      send('/api/users/me', {
        method: 'GET',
        credential: null,
        headers: { ...cookies, 'sec-fetch-site': 'cross-site' },
      }),
      send('/trpc/users.create', { body: JSON.stringify({ username: 'x', email: 'no', apiKey: created.key }) }),
      send('/trpc/sessions.verify', { body: JSON.stringify({ token: `${token}x` }) }),
      send('/auth/sign-in', { credential: null, body: JSON.stringify({ apiKey: wrong }) }),
      send('/oauth/token', { body: JSON.stringify({ client_secret: created.key }) }),
      send('/oauth/token', {
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${btoa(`1:${wrong}`)}` },
        body: 'grant_type=client_credentials',
      }),
      send('/nowhere', { credential: created.key }),
      send('/trpc/users.me', { body: `{"apiKey":"${created.key}"`, credential: created.key }),
    ]
    for (const { text } of await Promise.all(attempts)) bodies.push(text)
    const metrics = await send('/metrics', { method: 'GET' })
    const audit = await send('/api/audit?limit=200', { method: 'GET' })
    expect(audit.status).toBe(200)
    bodies.push(metrics.text, audit.text)

    const title = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')
    expect(title).not.toContain(databaseUrl)
    const db = await openDatabase(databaseUrl)
    const tables: { name: string }[] = await dialectOf(db).query(db as never, {
      sql: dialectOf(db).tableNames,
      bindings: [],
    })
    const rows = JSON.stringify(await Promise.all(tables.map(({ name }) => db.raw(`SELECT * FROM ${name}`))))
    expect(rows).toContain('zoe@example.com')
    // The cause of an internal error is in the log.
    await migrateRollback(db, { whileServed: true })
    await db.destroy()
    const failed = await send('/trpc/projects.create', { body: JSON.stringify({ name: 'n', idea: 'i' }) })
    expect(failed.status).toBe(500)
    bodies.push(failed.text)
    server.signal('SIGTERM')
    const { stdout, stderr } = await server.exited
    const files = database.name === 'sqlite' ? filesOf(databaseUrl) : []
    const searched = { stdout, stderr, title, rows, answers: bodies.join('\n'), files: files.join('\n') }
    for (const [place, text] of Object.entries(searched)) {
      for (const secret of secrets) expect(text.includes(secret), `${secret} in ${place}`).toBe(false)
    }
    expect(stdout).toContain('internal error')
    if (format === 'ecs') expect(stdout.trim().split('\n').flatMap(ecsFaults)).toEqual([])
    expect(stdout).toContain('Redis is gone')
    // The search finds what is there.
    expect(searched.answers).toContain('zoe')
  })
})

test('the password in a database URL is not printed when the start fails', async () => {
  const database = `postgres://someone:${PASSWORD}@127.0.0.1:1/nowhere`
  for (const [env, args] of [
    [{ DATABASE_URL: database }, []],
    [{}, ['--database', database]],
    [{ DATABASE_URL: `mysql://someone:${PASSWORD}@localhost/x` }, []],
  ] as const) {
    const { code, stdout, stderr } = await runServer(emptyFolder(), { ...env, LOG_LEVEL: 'trace' }, ...args)
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/DATABASE_URL|--database/)
    expect(stdout + stderr).not.toContain(PASSWORD)
  }
})

/** The bytes of a SQLite database and of the files beside it, each as text. */
function filesOf(url: string): string[] {
  const file = url.replace(/^sqlite:/, '')
  const folder = join(file, '..')
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
}
