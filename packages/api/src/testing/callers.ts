import { randomUUID } from 'node:crypto'
import type { Reason } from '@mgx/contract'
import { everyDatabase, migratedDatabase } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { argon2Proofs } from '../authentication/argon2-proofs.js'
import { createContext, createServices, type Services, type ServicesOptions } from '../context.js'
import { appRouter } from '../root.js'

/** Calls procedures as the bearer of a credential would, without HTTP in between. */
export type Caller = ReturnType<typeof callerOf>

export type TestApi = {
  services: Services
  admin: Caller
  /** What was logged as our own failure. */
  internal: unknown[]
  /** What was logged as the reason why the database could not serve. */
  unavailable: unknown[]
  as(credential: string | undefined): Caller
  /** The services of another process on the same database; `now` is its monotonic clock, in milliseconds. */
  anotherProcess(now?: () => number): Services
  /** A new member, and how to call as one. */
  member(): Promise<{ id: number; apiKey: string; caller: Caller }>
  close(): Promise<void>
}

/** A suite on the API over each kind of database, one for all its tests; `api` is there once they begin. */
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

/** The API on a fresh database of this kind. */
export async function testApi(database: (typeof everyDatabase)[number]): Promise<TestApi> {
  const internal: unknown[] = []
  const unavailable: unknown[] = []
  const options: ServicesOptions = {
    db: await migratedDatabase(database),
    secret: randomUUID().repeat(2),
    proofs: argon2Proofs,
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
    anotherProcess: (now) => createServices({ ...options, ...(now && { now }) }),
    async member() {
      const name = `member-${randomUUID()}`
      const member = { username: name, email: `${name}@example.com`, role: 'member', spendingLimit: null } as const
      const { user, apiKey } = await services.credentials.createUser(member)
      return { id: user.id, apiKey: apiKey ?? '', caller: callerOf(services, apiKey ?? undefined) }
    },
    close: () => services.db.destroy(),
  }
}

export function callerOf(services: Services, credential: string | undefined) {
  const authorization = credential === undefined ? undefined : `Bearer ${credential}`
  return appRouter.createCaller(() => createContext(services, { authorization, requestId: 'test' }))
}

/** Asserts that a call is refused for this reason. */
export async function expectRefusal(call: Promise<unknown>, reason: Reason, message?: RegExp): Promise<void> {
  const error = await call.then(
    () => 'not refused',
    (failure: Error) => failure,
  )
  expect(error).toMatchObject({ cause: { reason }, ...(message && { message: expect.stringMatching(message) }) })
}
