import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { createUser } from '../stores/users.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { createLedger } from './ledger.js'
import { createProject, updateProject } from './projects.js'

// On SQLite every writer waits for every other one.
const postgresOnly = testDatabases.filter(({ name }) => name === 'postgres')

describe.each(postgresOnly)("another user's accounts on $name", ({ url }) => {
  test('are neither locked nor waited for by the calls of a user who may not see them', async () => {
    const address = await url()
    const [db, other] = [await openDatabase(address), await openDatabase(address)]
    onTestFinished(async () => {
      await Promise.all([db.destroy(), other.destroy()])
    })
    await migrateLatest(db)
    const member = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
    const { id: userId } = await createUser(db, member, SYSTEM)
    const { id: projectId } = await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)
    const ledger = createLedger(db)
    const usage = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, totalCost: '0.1' }
    const { reservation } = await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })
    const strangers = [scopeTo({ userId: userId + 1 }), scopeTo({ userId, projectId: projectId + 1 })]
    await other.transaction(async (trx) => {
      await trx('users').where({ id: userId }).forUpdate()
      await trx('projects').where({ id: projectId }).forUpdate()
      for (const scope of strangers) {
        const calls = [
          ledger.record(scope, { projectId, ...usage }),
          ledger.reserve(scope, { projectId, amount: '0.1', ttlSeconds: 60 }),
          ledger.settle(scope, { reservationId: reservation.id, ...usage }),
          ledger.release(scope, reservation.id),
          updateProject(db, scope, { id: projectId, name: 'mine' }, SYSTEM),
        ]
        const refused = (await Promise.allSettled(calls)).map(
          (call) => call.status === 'rejected' && call.reason.reason,
        )
        expect(refused).toEqual(calls.map(() => 'not_found'))
      }
    })
    expect((await ledger.record(EVERYTHING, { projectId, ...usage })).budget.spent).toBe('0.1')
  })
})

describe.each(testDatabases)("another user's due hold on $name", (database) => {
  test('named by a stranger, does not fail the calls that share its group', async () => {
    const db = await migratedDatabase(database)
    onTestFinished(() => db.destroy())
    const users = ['zoe', 'ada'].map((username) =>
      createUser(db, { username, email: `${username}@example.com`, role: 'member', spendingLimit: null }, SYSTEM),
    )
    const [victim, stranger] = await Promise.all(users)
    if (!victim || !stranger) throw new Error('two users')
    const snake = { name: 'n', idea: 'i', investment: '3' }
    const [held, busy] = [
      await createProject(db, victim.id, snake, SYSTEM),
      await createProject(db, victim.id, snake, SYSTEM),
    ]
    const ledger = createLedger(db)
    const usage = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, totalCost: '0.1' }
    const hold = { projectId: held.id, amount: '0.1', ttlSeconds: 1, idempotencyKey: 'hold' }
    const { reservation } = await ledger.reserve(EVERYTHING, hold)
    await sleep(1_200)
    const scope = scopeTo({ userId: stranger.id })
    const record = () => ledger.record(scopeTo({ userId: victim.id }), { projectId: busy.id, ...usage })
    // The first call begins a group alone; the others share the next one.
    const calls = [record(), ledger.release(scope, reservation.id), ledger.reserve(scope, hold), record(), record()]
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map((each) => (each.status === 'rejected' ? each.reason.reason : 'ok'))).toEqual([
      'ok',
      'not_found',
      'not_found',
      'ok',
      'ok',
    ])
  })
})
