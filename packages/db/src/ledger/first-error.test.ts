import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { domainErrorOf } from '../errors.js'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING } from '../scope.js'
import { createUser } from '../stores/users.js'
import { testDatabases } from '../testing/index.js'
import { createLedger } from './ledger.js'
import { createProject } from './projects.js'

const postgresOnly = testDatabases.filter(({ name }) => name === 'postgres')

/** Ways in which an operator or a PostgreSQL limit ends a waiting statement: the first and the last ones of a group. */
const ends = ['users', 'cost_rollups'].flatMap((table) => [
  { end: 'cancelled', table, sql: 'SELECT pg_cancel_backend(pid)', cause: { code: '57014' } },
  // The network may lose PostgreSQL's last message.
  { end: 'terminated', table, sql: 'SELECT pg_terminate_backend(pid)', cause: expect.any(Error) },
])

describe.each(postgresOnly)('a group with an aborted statement on $name', ({ url }) => {
  test.each(ends)('is unavailable for that reason when its wait for $table is $end', async ({ table, sql, cause }) => {
    const address = await url()
    const [db, other] = [await openDatabase(address, { poolMax: 1 }), await openDatabase(address)]
    onTestFinished(async () => {
      await Promise.all([db.destroy(), other.destroy()])
    })
    await migrateLatest(db)
    const member = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
    const { id: userId } = await createUser(db, member, SYSTEM)
    const { id: projectId } = await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)
    const ledger = createLedger(db)
    const usage = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, totalCost: '0.1' }
    // The rollup that the calls add to.
    await ledger.record(EVERYTHING, { projectId, ...usage })
    const { reservation } = await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })

    const calls = await other.transaction(async (trx) => {
      await trx(table).forUpdate()
      const calling = Promise.allSettled([
        ledger.record(EVERYTHING, { projectId, ...usage, idempotencyKey: 'a' }),
        ledger.settle(EVERYTHING, { reservationId: reservation.id, ...usage }),
      ])
      const waits = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      while ((await trx.raw(`${sql} ${waits}`)).rows.length === 0) await sleep(20)
      return calling
    })
    for (const call of calls) {
      expect(call.status).toBe('rejected')
      const reason = call.status === 'rejected' ? call.reason : undefined
      expect(domainErrorOf(db, reason)).toMatchObject({ reason: 'unavailable', cause })
    }
    const answer = await ledger.record(EVERYTHING, { projectId, ...usage, idempotencyKey: 'a' })
    expect(answer.budget).toMatchObject({ spent: '0.2', reserved: '0.1' })
  })
})
