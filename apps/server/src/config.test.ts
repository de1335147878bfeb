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
    secret: undefined,
    adminApiKey: undefined,
    autoMigrate: true,
    seed: true,
    logLevel: 'info',
    logFormat: undefined,
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
    MGX_SECRET: secret,
    MGX_ADMIN_API_KEY: 'chosen-by-the-operator',
    MGX_AUTO_MIGRATE: '1',
    MGX_SEED: 'true',
    MGX_SHARED_SCHEMA: 'true',
    MGX_NEW_DATABASE: '1',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
  }
  expect(configOf(env)).toEqual({
    databaseUrl: 'postgres://mgx@db/mgx',
    sharedSchema: true,
    newDatabase: true,
    databasePoolMax: 25,
    host: '0.0.0.0',
    port: 80,
    secret,
    adminApiKey: 'chosen-by-the-operator',
    autoMigrate: true,
    seed: true,
    logLevel: 'warn',
    logFormat: 'json',
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
    MGX_SECRET: 'hunter2',
    MGX_ADMIN_API_KEY: 'hunter2 hunter2 hunter2',
    MGX_AUTO_MIGRATE: 'yes',
    MGX_SEED: 'TRUE',
    LOG_LEVEL: 'loud',
    LOG_FORMAT: 'xml',
  }
  const problems = problemsOf(env)
  expect(problems.map((problem) => problem.split(': ')[0]).toSorted()).toEqual(Object.keys(env).toSorted())
  expect(problems.join()).not.toMatch(/hunter2|\n/)
})

test.each(['PORT=3210.5', 'PORT=-1', 'PORT=0x10', 'PORT=1e3', 'PORT= 80', 'DATABASE_POOL_MAX=1001'])(
  '%s is refused',
  (text) => {
    const [name = '', value] = text.split('=')
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: must be a whole number from`)])
  },
)

test('production requires a secret', () => {
  expect(problemsOf({ NODE_ENV: 'production' })).toEqual(['MGX_SECRET: is required when NODE_ENV is production'])
})
