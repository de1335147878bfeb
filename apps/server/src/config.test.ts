import { expect, test } from 'vitest'
import { configOf } from './config.js'
import { StartupError } from './process/startup-error.js'

const secret = 's'.repeat(32)

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    configOf(env)
  } catch (error) {
    if (error instanceof StartupError) return error.problems
    throw error
  }
  return []
}

test('nothing set is a development server on SQLite', () => {
  expect(configOf({})).toEqual({
    databaseUrl: 'sqlite:./data/mgx_backend.db',
    sharedSchema: false,
    newDatabase: false,
    databasePoolMax: 10,
    host: '127.0.0.1',
    port: 3210,
    trustProxy: [],
    corsOrigins: [],
    secret: undefined,
    previousSecret: undefined,
    limits: { failures: undefined, calls: undefined },
    adminApiKey: undefined,
    autoMigrate: true,
    seed: true,
    logLevel: 'info',
    logFormat: undefined,
    logSample: 1,
    metricsPort: undefined,
    verifyEverySeconds: 3_600,
    drainSeconds: 0,
    redisUrl: undefined,
  })
})

test('an empty variable counts as unset', () => {
  expect(configOf({ PORT: '', DATABASE_URL: '', MGX_SECRET: '', MGX_SEED: '' })).toEqual(configOf({}))
})

test('every variable is read', () => {
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://mgx@db/mgx',
    DATABASE_POOL_MAX: '25',
    HOST: '0.0.0.0',
    PORT: '80',
    MGX_TRUST_PROXY: 'loopback, 10.0.0.0/8,2001:db8::1',
    MGX_CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    MGX_SECRET: secret,
    MGX_SECRET_PREVIOUS: 'p'.repeat(32),
    MGX_LIMIT_FAILURES: '40',
    MGX_LIMIT_CALLS: '600',
    MGX_ADMIN_API_KEY: 'chosen-by-the-operator',
    MGX_AUTO_MIGRATE: '1',
    MGX_SEED: 'true',
    MGX_SHARED_SCHEMA: 'true',
    MGX_NEW_DATABASE: '1',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'ecs',
    LOG_SAMPLE: '0.25',
    METRICS_PORT: '9464',
    MGX_VERIFY_EVERY: '15m',
    MGX_DRAIN_SECONDS: '5',
    REDIS_URL: 'rediss://cache:6379',
    MGX_PUBLIC_URL: 'https://mgx.example/base/',
    MGX_OIDC_ISSUER: 'https://login.example/',
    MGX_OIDC_AUDIENCE: 'mgx',
    MGX_OIDC_CREATE_USERS: 'true',
    MGX_OIDC_ADMIN: 'groups=a=b',
    MGX_OIDC_CLIENT_ID: 'mgx-dashboard',
    MGX_OIDC_CLIENT_SECRET: secret,
  }
  expect(configOf(env)).toEqual({
    databaseUrl: 'postgres://mgx@db/mgx',
    sharedSchema: true,
    newDatabase: true,
    databasePoolMax: 25,
    host: '0.0.0.0',
    port: 80,
    trustProxy: ['loopback', '10.0.0.0/8', '2001:db8::1'],
    corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
    secret,
    previousSecret: 'p'.repeat(32),
    limits: { failures: 40, calls: 600 },
    adminApiKey: 'chosen-by-the-operator',
    autoMigrate: true,
    seed: true,
    logLevel: 'warn',
    logFormat: 'ecs',
    logSample: 0.25,
    metricsPort: 9464,
    verifyEverySeconds: 900,
    drainSeconds: 5,
    redisUrl: 'rediss://cache:6379',
    publicUrl: 'https://mgx.example/base',
    oidc: {
      issuer: 'https://login.example/',
      audience: 'mgx',
      createUsers: true,
      admin: { claim: 'groups', value: 'a=b' },
    },
    oidcClient: { id: 'mgx-dashboard', secret },
  })
})

test.each([
  [
    { NODE_ENV: 'production', DATABASE_URL: 'postgres://h/d' },
    { autoMigrate: false, seed: false },
  ],
  [
    { NODE_ENV: 'production', DATABASE_URL: 'postgresql://h/d' },
    { autoMigrate: false, seed: false },
  ],
  [
    { NODE_ENV: 'production', DATABASE_URL: 'sqlite:./x.db' },
    { autoMigrate: true, seed: false },
  ],
  [
    { NODE_ENV: 'development', DATABASE_URL: 'postgres://h/d' },
    { autoMigrate: true, seed: true },
  ],
  [{ NODE_ENV: 'test' }, { autoMigrate: true, seed: false }],
  [
    { MGX_AUTO_MIGRATE: '0', MGX_SEED: 'false' },
    { autoMigrate: false, seed: false },
  ],
])('with %j migrating and seeding are %j', (env, expected) => {
  expect(configOf({ MGX_SECRET: secret, ...env })).toMatchObject(expected)
})

test('every bad variable gets its line, in one go, without its value', () => {
  const env = {
    NODE_ENV: 'prod',
    DATABASE_URL: 'mysql://root:hunter2@db/mgx',
    DATABASE_POOL_MAX: '0',
    HOST: 'a b',
    PORT: '65536',
    MGX_TRUST_PROXY: 'hunter2',
    MGX_CORS_ORIGINS: 'https://hunter2/',
    MGX_SECRET: 'hunter2',
    MGX_SECRET_PREVIOUS: 'hunter2',
    MGX_LIMIT_FAILURES: '0',
    MGX_LIMIT_CALLS: '-1',
    MGX_ADMIN_API_KEY: 'hunter2 hunter2 hunter2',
    MGX_AUTO_MIGRATE: 'yes',
    MGX_SEED: 'TRUE',
    LOG_LEVEL: 'loud',
    LOG_FORMAT: 'xml',
    MGX_PUBLIC_URL: 'ftp://hunter2.example',
    MGX_OIDC_ISSUER: 'http://hunter2.example',
    MGX_OIDC_AUDIENCE: 'mgx',
    MGX_OIDC_CREATE_USERS: 'maybe',
    MGX_OIDC_ADMIN: 'hunter2',
  }
  const { MGX_OIDC_AUDIENCE: _, ...bad } = env
  const problems = problemsOf(env)
  expect(problems.map((problem) => problem.split(': ')[0]).toSorted()).toEqual(Object.keys(bad).toSorted())
  expect(problems.join()).not.toMatch(/hunter2|\n/)
})

test.each(['PORT=3210.5', 'PORT=-1', 'PORT=0x10', 'PORT=1e3', 'PORT= 80', 'DATABASE_POOL_MAX=1001'])(
  '%s is refused',
  (text) => {
    const [name = '', value] = text.split('=')
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: must be a whole number from`)])
  },
)

test.each([
  'MGX_TRUST_PROXY=true',
  'MGX_TRUST_PROXY=*',
  'MGX_TRUST_PROXY=10.0.0.0/33',
  'MGX_TRUST_PROXY=0.0.0.0/0',
  'MGX_TRUST_PROXY=loopback,',
  'MGX_TRUST_PROXY=proxy.example.com',
  'MGX_CORS_ORIGINS=*',
  'MGX_CORS_ORIGINS=null',
  'MGX_CORS_ORIGINS=app.example.com',
  'MGX_CORS_ORIGINS=https://app.example.com/',
  'MGX_CORS_ORIGINS=https://app.example.com:443',
  'MGX_CORS_ORIGINS=https://App.example.com',
  'MGX_CORS_ORIGINS=https://*.example.com',
  'MGX_CORS_ORIGINS=https://a.example,,https://b.example',
])('%s is refused', (text) => {
  const [name = '', value] = text.split('=')
  expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: must be a list of`)])
})

test('production requires a secret', () => {
  expect(problemsOf({ NODE_ENV: 'production' })).toEqual(['MGX_SECRET: is required when NODE_ENV is production'])
})

test.each([
  ['MGX_OIDC_ISSUER', 'https://login.example', 'MGX_OIDC_AUDIENCE'],
  ['MGX_OIDC_AUDIENCE', 'mgx', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_ADMIN', 'groups=admins', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CREATE_USERS', 'true', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CLIENT_ID', 'dashboard', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CLIENT_SECRET', 'secret', 'MGX_OIDC_CLIENT_ID'],
])('%s=%s needs %s', (variable, value, needed) => {
  expect(problemsOf({ [variable]: value })).toEqual([`${variable}: needs ${needed} beside it`])
})

test.each(['http://127.0.0.1:4000', 'http://localhost/realm', 'http://[::1]:1'])('%s may be the issuer', (issuer) => {
  expect(configOf({ MGX_OIDC_ISSUER: issuer, MGX_OIDC_AUDIENCE: 'mgx' }).oidc?.issuer).toBe(issuer)
})

test.each([
  'https://a@login.example',
  'https://login.example?x',
  'https://login.example#x',
  'http://127.0.0.1.example',
])('%s may not be the issuer', (issuer) => {
  const [problem] = problemsOf({ MGX_OIDC_ISSUER: issuer, MGX_OIDC_AUDIENCE: 'mgx' })
  expect(problem).toMatch(/^MGX_OIDC_ISSUER: must be an https URL/)
})

test.each([
  [{ METRICS_PORT: '3210' }, true],
  [{ METRICS_PORT: '9464', PORT: '9464' }, true],
  [{ METRICS_PORT: '9464' }, false],
  [{ METRICS_PORT: '0', PORT: '0' }, false],
])('the metrics need another port than the calls: %o', (env, isRefused) => {
  expect(problemsOf(env)).toEqual(isRefused ? [expect.stringMatching(/^METRICS_PORT: must be another port/)] : [])
})
