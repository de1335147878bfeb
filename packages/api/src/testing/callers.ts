import { randomUUID } from 'node:crypto'
import type { Reason } from '@mgx/contract'
import { migratedDatabase, type TestDatabase } from '@mgx/db/testing'
import { expect } from 'vitest'
import { createUserWithKey, ensureAdmin } from '../authentication/issue.js'
import { createContext, createServices, type Services } from '../context.js'
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
  /** A new member, and how to call as one. */
  member(): Promise<{ id: number; apiKey: string; caller: Caller }>
  close(): Promise<void>
}

/** The API on a fresh database of this kind. */
export async function testApi(database: TestDatabase): Promise<TestApi> {
  const internal: unknown[] = []
  const unavailable: unknown[] = []
  const services = createServices({
    db: await migratedDatabase(database),
    secret: randomUUID().repeat(2),
    version: '0.0.0-test',
    logInternal: (error) => internal.push(error),
    logUnavailable: (error) => unavailable.push(error),
  })
  const first = await ensureAdmin(services)
  return {
    services,
    admin: callerOf(services, first.apiKey ?? undefined),
    internal,
    unavailable,
    as: (credential) => callerOf(services, credential),
    async member() {
      const name = `member-${randomUUID()}`
      const member = { username: name, email: `${name}@example.com`, role: 'member', spendingLimit: null } as const
      const { user, apiKey } = await createUserWithKey(services, member)
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
