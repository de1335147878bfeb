import { randomUUID } from 'node:crypto'
import type { Reason } from '@mgx/contract'
import { SYSTEM } from '@mgx/db'
import { everyDatabase, migratedDatabase } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { argon2Proofs } from '../authentication/argon2-proofs.js'
import { createContext, createServices, type Limits, type Services, type ServicesOptions } from '../context.js'
import { appRouter } from '../root.js'

/** Calls procedures with a credential, without HTTP. */
export type Caller = ReturnType<typeof callerOf>

export type TestApi = {
  services: Services
  admin: Caller
  /** The errors logged as internal. */
  internal: unknown[]
  /** The errors logged as the cause of an unavailable database. */
  unavailable: unknown[]
  as(credential: string | undefined): Caller
  /** Creates the services of another process on the same database; `now` is its monotonic clock, in milliseconds. */
  anotherProcess(now?: () => number, limits?: Limits): Services
  /** Creates a member. */
  member(): Promise<{ id: number; apiKey: string; caller: Caller }>
  close(): Promise<void>
}

/**
 * Runs a suite against the API on each kind of database. `api` is filled before the tests begin, and shared by them.
 */
export function describeApi(name: string, suite: (api: TestApi) => void): void {
  describe.each(everyDatabase)(`${name} on $name`, (database) => {
    const api = {} as TestApi
    beforeAll(async () => {
      Object.assign(api, await testApi(database))
    })
    afterAll(() => api.close?.())
    suite(api)
  })
}

/** Creates the API on a fresh database of this kind. */
export async function testApi(database: (typeof everyDatabase)[number]): Promise<TestApi> {
  const internal: unknown[] = []
  const unavailable: unknown[] = []
  const options: ServicesOptions = {
    db: await migratedDatabase(database),
    secrets: { current: randomUUID().repeat(2) },
    proofs: argon2Proofs,
    issuer: 'http://mgx.test',
    version: '0.0.0-test',
    logInternal: (error) => internal.push(error),
    logUnavailable: (error) => unavailable.push(error),
  }
  const services = createServices(options)
  const first = await services.credentials.ensureAdmin()
  return {
    services,
    admin: callerOf(services, first.apiKey ?? undefined),
    internal,
    unavailable,
    as: (credential) => callerOf(services, credential),
    anotherProcess: (now, limits) => createServices({ ...options, ...(now && { now }), ...(limits && { limits }) }),
    async member() {
      const name = `member-${randomUUID()}`
      const member = { username: name, email: `${name}@example.com`, role: 'member', spendingLimit: null } as const
      const { user, apiKey } = await services.credentials.createUser(member, { requester: SYSTEM })
      return { id: user.id, apiKey: apiKey ?? '', caller: callerOf(services, apiKey ?? undefined) }
    },
    close: () => services.db.destroy(),
  }
}

export function callerOf(services: Services, credential: string | undefined) {
  const authorization = credential === undefined ? undefined : `Bearer ${credential}`
  return appRouter.createCaller(() => createContext(services, { authorization, address: null, requestId: 'test' }))
}

/** Asserts that a call is refused for this reason. */
export async function expectRefusal(call: Promise<unknown>, reason: Reason, message?: RegExp): Promise<void> {
  const error = await call.then(
    () => 'not refused',
    (failure: Error) => failure,
  )
  expect(error).toMatchObject({ cause: { reason }, ...(message && { message: expect.stringMatching(message) }) })
}
