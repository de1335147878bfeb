import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Knex } from 'knex'
import { expect, test } from 'vitest'
import * as database from './index.js'
import type { Ledger } from './ledger/ledger.js'
import type { Scope } from './scope.js'

type Exports = typeof database
type UnscopedIn<Functions, Before extends unknown[]> = {
  [Name in keyof Functions]: Functions[Name] extends (...args: infer Args) => unknown
    ? Args extends [...Before, Scope, ...unknown[]]
      ? never
      : Args extends [...Before, ...unknown[]]
        ? Name
        : never
    : never
}[keyof Functions]

/** The exported functions that need no scope, and why. The types keep this list in step with the exports. */
const unscoped = {
  createUser: 'creates a row that owns itself',
  createUserWithApiKey: 'creates a row that owns itself',
  createUserWithIdentity: 'creates a row that owns itself',
  createApiKey: 'creates a row for a given user',
  createIdentity: 'creates a row for a given user',
  createSession: 'creates a row for a given user',
  createProject: 'creates a row for a given user',
  createAdminKeyIfNone: 'creates a row for a given user',
  findUsableApiKey: 'runs before the caller is known',
  findApiKeyOwner: 'runs before the caller is known',
  findActiveSession: 'runs before the caller is known',
  findIdentity: 'runs before the caller is known',
  findFirstAdmin: 'runs before the caller is known',
  hasUsableAdminKey: 'runs before the caller is known',
  hasUsers: 'runs before the caller is known',
  countFailedSignIns: 'addresses have no owner',
  listFailedSignIns: 'addresses have no owner',
  listOverrides: 'prices have no owner',
  listPrices: 'prices have no owner',
  listPricedModels: 'prices have no owner',
  createSigningKey: 'signing keys have no owner',
  listSigningKeys: 'signing keys have no owner',
  resealSigningKey: 'signing keys have no owner',
  retireSigningKeys: 'signing keys have no owner',
  recordIssuedToken: 'writes an entry about a given user',
  listUnknownModels: 'model names have no owner',
  quotePrice: 'prices have no owner',
  setPrice: 'prices have no owner',
  readBooks: 'reads sums of the whole database',
  readGauges: 'reads sums of the whole database',
  createVerifier: 'checks the whole database',
  verifyLedger: 'checks the whole database',
  createLedger: 'takes the scope of each call',
  dialectOf: 'reads no rows',
  domainErrorOf: 'reads no rows',
  isMigrated: 'reads no rows',
  migrateLatest: 'reads no rows',
  migrateRollback: 'reads no rows',
  readClock: 'reads no rows',
  readIdentity: 'reads no rows',
  readState: 'reads no rows',
  startServing: 'reads no rows',
} satisfies Record<UnscopedIn<Exports, [Knex]>, string>

const unscopedInLedger = {
  expireDue: 'expires the holds of all users',
  waiting: 'reads no rows',
  drained: 'reads no rows',
} satisfies Record<UnscopedIn<Ledger, []>, string>

test('every function that reads or changes rows with an owner takes a scope', () => {
  for (const name of Object.keys(unscoped)) expect(database).toHaveProperty(name)
  expect(Object.keys(unscopedInLedger)).toHaveLength(3)
})

const root = join(import.meta.dirname, '../../..')

const sources = ['packages/db/src', 'packages/api/src', 'apps/server/src', 'apps/cli/src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/testing(\/|\.ts$)/.test(file)),
)

const db = 'packages/db/src'

test.each<[rule: string, pattern: RegExp, rooms: string[]]>([
  ['transactions commit through their callback', /\.commit\(/, []],
  ['transactions begin in the database package, so in no middleware', /\.transaction\(/, [db]],
  [
    'databases are distinguished only in dialect/ and where a URL names one',
    /'(sqlite|postgres)'|\bfrom '(sqlite3|pg)'/,
    [`${db}/dialect/`, `${db}/database.ts`, `${db}/database-url.ts`, 'apps/server/src/config.ts'],
  ],
  [
    'only the ledger changes totals and reserved amounts',
    /(\btotal_cost|\bSET reserved|, reserved) = |\b(patch|update)\(([^()]|\([^()]*\))*\b(totalCost|reserved)\b/,
    [`${db}/ledger/`],
  ],
  [
    'accounts are locked in one place, admins in another, and one user, session or identity where its change is audited',
    /\$\{lockRows\(|\.for(NoKey)?Update\(/,
    [
      `${db}/ledger/accounts.ts`,
      `${db}/stores/identities.ts`,
      `${db}/stores/usable-api-keys.ts`,
      `${db}/stores/users.ts`,
      `${db}/stores/sessions.ts`,
    ],
  ],
  [
    "instants come from the database's clock",
    /Date\.now\(\)|new Date\(\)/,
    // The second measures how far the clock of the process, which its library reads, is off.
    [`${db}/stock-knex.ts`, 'apps/server/src/auth/oidc-client.ts'],
  ],
  [
    'the audit log is written in one place',
    /'audit_log'|INTO audit_log/,
    [`${db}/audit/`, `${db}/migrations/`, `${db}/models/`],
  ],
])('%s', (_, pattern, rooms) => {
  const found = sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')))
  expect(found.filter((file) => !rooms.some((room) => file.startsWith(room)))).toEqual([])
  expect(rooms.filter((room) => !found.some((file) => file.startsWith(room)))).toEqual([])
})

test('the core of the ledger does no I/O: it imports only itself, top-level files, the contract and a hash', () => {
  const reached = new Set(sources.filter((file) => file.startsWith('packages/db/src/ledger/core/')))
  const packages = new Set<string>()
  for (const file of reached) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^']*? from '([^']+)'/gm)) {
      const target = join(dirname(file), specifier).replace(/\.js$/, '.ts')
      if (specifier.startsWith('.') && existsSync(join(root, target))) reached.add(target)
      else packages.add(specifier)
    }
  }
  expect([...packages].sort()).toEqual(['@mgx/contract', 'node:crypto'])
  expect([...reached].filter((file) => !/^packages\/db\/src\/(ledger\/core\/)?[^/]+$/.test(file))).toEqual([])
})
