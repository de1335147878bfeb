import { testDatabases } from '@mgx/db/testing'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape } from '@trpc/server'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { createContext } from '../context.js'
import type { ErrorShape } from '../errors.js'
import { procedures } from '../procedures.js'
import { appRouter } from '../root.js'
import { expectAuthority, type WalkAnswer, type WalkCaller } from '../testing/authority-walk.js'
import { type TestApi, testApi } from '../testing/callers.js'
import { walkCallers } from '../testing/walk-callers.js'

describe.each(testDatabases)('on $name', (database) => {
  let api: TestApi
  let callers: WalkCaller[]
  beforeAll(async () => {
    api = await testApi(database)
    callers = await walkCallers(api.services)
  })
  afterAll(() => api?.close())

  async function call(path: string, credential: string | undefined, input: unknown): Promise<WalkAnswer> {
    const { type = 'query' } = procedures.get(path) ?? {}
    const authorization = credential && `Bearer ${credential}`
    const ctx = createContext(api.services, { authorization, address: null, requestId: 'walk' })
    // Aborting ends a stream that the call opened.
    const stop = new AbortController()
    const common = { path, type, ctx, input }
    // Authentication comes first, so that only the statements of the procedure are counted.
    await ctx.actor().catch(() => {})
    const statements: string[] = []
    const listen = ({ sql }: { sql: string }) => {
      if (!sql.includes('last_used_at')) statements.push(sql)
    }
    api.services.db.on('query', listen)
    try {
      const getRawInput = async () => input
      const data = await callTRPCProcedure({
        ...common,
        router: appRouter,
        getRawInput,
        batchIndex: 0,
        signal: stop.signal,
      })
      return { data }
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      const shape: ErrorShape = getTRPCErrorShape({ ...common, config: appRouter._def._config, error })
      // As many statements for the rows of others as for rows that do not exist, so that the time does not tell them apart.
      return { reason: shape.data.reason, ...shape, statements }
    } finally {
      api.services.db.off('query', listen)
      stop.abort()
    }
  }

  test.each([...procedures.keys()])('%s serves exactly the callers its authority allows, with their own rows', (path) =>
    expectAuthority(path, callers, (credential, input) => call(path, credential, input)),
  )
})
