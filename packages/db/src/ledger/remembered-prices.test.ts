import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { EVERYTHING } from '../scope.js'
import { setPrice } from '../stores/prices.js'
import { createUser } from '../stores/users.js'
import { testDatabases } from '../testing/index.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject } from './projects.js'

const requester = { actor: 'test', credential: null, requestId: 'test', address: null }

describe.each(testDatabases)('the prices that a process remembers on $name', (database) => {
  let here: Knex
  let elsewhere: Knex
  let ledger: Ledger
  let projectId: number
  let model: string
  let count = 0
  beforeAll(async () => {
    const url = await database.migratedUrl()
    here = await openDatabase(url)
    elsewhere = await openDatabase(url)
    const zoe = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
    const { id: userId } = await createUser(here, zoe, SYSTEM)
    projectId = (await createProject(here, userId, { name: 'Snake', idea: 'A game', investment: '99' }, SYSTEM)).id
    ledger = createLedger(here)
  })
  beforeEach(() => {
    count += 1
    model = `model-${count}`
  })
  afterAll(async () => {
    await here?.destroy()
    await elsewhere?.destroy()
  })

  const call = (changes: object = {}) => ({
    ...{ projectId, model, promptTokens: 1_000_000, completionTokens: 0, cachedPromptTokens: 0 },
    ...changes,
  })
  const cost = () =>
    ledger.record(EVERYTHING, call()).then(
      ({ record }) => record.totalCost,
      ({ reason }) => reason,
    )
  const setElsewhere = (inputPrice: string, db = elsewhere) =>
    setPrice(db, { model, inputPrice, outputPrice: '1' }, requester)

  test('follow every change of another process from the very next call', async () => {
    expect(await cost()).toBe('unknown_model')
    for (const inputPrice of ['1', '2', '3']) {
      const { id } = await setElsewhere(inputPrice)
      expect(await cost()).toBe(inputPrice)
      await elsewhere.raw('UPDATE prices SET input_price = 7000000000 WHERE id = ?', [id])
      expect(await cost()).toBe('7')
      await elsewhere.raw('DELETE FROM prices WHERE model = ?', [model])
      expect(await cost()).toBe('unknown_model')
    }
  })

  test('are those of the change for calls that were already waiting for a group', async () => {
    await setElsewhere('1')
    for (const inputPrice of ['2', '3', '4']) {
      const { first, waiting } = await elsewhere.transaction(async (trx) => {
        // Keeps the first group from beginning; on SQLite there is one writer anyway.
        await trx.raw('UPDATE users SET updated_at = updated_at')
        const calls = { first: cost(), waiting: [] as Promise<string>[] }
        await sleep(100)
        calls.waiting.push(cost(), cost(), cost())
        await trx.raw('UPDATE prices SET input_price = ? WHERE model = ?', [Number(inputPrice) * 1e9, model])
        return calls
      })
      await first
      expect(await Promise.all(waiting)).toEqual([inputPrice, inputPrice, inputPrice])
    }
  })

  test('are never those of a change that was rolled back', async () => {
    await setElsewhere('1')
    expect(await cost()).toBe('1')
    const changed = elsewhere.transaction(async (trx) => {
      await trx.raw('UPDATE prices SET input_price = 9000000000 WHERE model = ?', [model])
      // SQLite has one writer, so there the call waits for the rollback.
      if (database.name === 'postgres') expect(await cost()).toBe('1')
      throw new Error('changed our mind')
    })
    await expect(changed).rejects.toThrow('changed our mind')
    expect(await cost()).toBe('1')
    await elsewhere.raw('UPDATE prices SET input_price = 2000000000 WHERE model = ?', [model])
    expect(await cost()).toBe('2')
  })

  test('cost a group no statement more than a cost that the caller gave', async () => {
    await setElsewhere('1')
    await cost()
    const record = (changes: object) => () => Promise.all([1, 2, 3].map(() => ledger.record(EVERYTHING, call(changes))))
    const statements = async (work: () => Promise<unknown>) => {
      const sent: string[] = []
      const listen = ({ sql }: { sql: string }) => sent.push(sql)
      here.on('query', listen)
      try {
        await work()
      } finally {
        here.off('query', listen)
      }
      return sent
    }
    const unpriced = await statements(record({ totalCost: '1' }))
    const priced = await statements(record({}))
    expect(priced.length).toBe(unpriced.length)
    expect(priced.length).toBeGreaterThan(0)
    expect(priced.join()).not.toMatch(/from .?prices\b/i)
    // They are read again after a change, once.
    await setElsewhere('2')
    const changed = await statements(record({}))
    expect(changed.filter((sql) => /from .?prices\b/i.test(sql))).toHaveLength(1)
    expect(await statements(record({}))).toHaveLength(unpriced.length)
  })

  test('cost a group that prices nothing no statement', async () => {
    await setElsewhere('1')
    const sent: string[] = []
    const listen = ({ sql }: { sql: string }) => sent.push(sql)
    here.on('query', listen)
    const { reservation } = await ledger.reserve(EVERYTHING, { projectId, amount: '0.1', ttlSeconds: 60 })
    await ledger.extend(EVERYTHING, { reservationId: reservation.id, ttlSeconds: 90 })
    await ledger.release(EVERYTHING, reservation.id)
    here.off('query', listen)
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.join()).not.toContain('price_versions')
    const priced = { projectId, model, maxPromptTokens: 1, maxCompletionTokens: 0, ttlSeconds: 60 }
    here.on('query', listen)
    await ledger.reserve(EVERYTHING, priced)
    here.off('query', listen)
    expect(sent.join()).toContain('price_versions')
  })
})
