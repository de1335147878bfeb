import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { EVERYTHING } from '../scope.js'
import { createUser, getUser, listUsers } from '../stores/users.js'
import { testDatabases } from '../testing/index.js'

describe.each(testDatabases)('reads on $name', (database) => {
  async function openTwo(): Promise<[Knex, Knex]> {
    const url = await database.migratedUrl()
    const [db, other] = [await openDatabase(url), await openDatabase(url)]
    onTestFinished(async () => {
      await Promise.all([db.destroy(), other.destroy()])
    })
    return [db, other]
  }
  const newUser = (db: Knex, name: string) =>
    createUser(db, { username: name, email: `${name}@example.com`, role: 'member', spendingLimit: null }, SYSTEM)

  test('succeed while a write of this process waits for another process’s lock', async () => {
    const [db, other] = await openTwo()
    const { id } = await newUser(db, 'ada')
    const order: string[] = []
    const writing = await other.transaction(async (trx) => {
      await trx('users').where({ id }).update({ reserved: 1 })
      const waiting = db.transaction((own) => own('users').where({ id }).update({ reserved: 2 }))
      const written = waiting.then(() => order.push('written'))
      for (let round = 0; round < 20; round += 1) expect((await getUser(db, EVERYTHING, id)).username).toBe('ada')
      order.push('read')
      return { written }
    })
    await writing.written
    expect(order).toEqual(['read', 'written'])
  })

  test('see all acknowledged writes, and nothing of an open transaction', async () => {
    const [db] = await openTwo()
    await db.transaction(async (trx) => {
      await newUser(trx, 'unseen')
      expect((await listUsers(db, EVERYTHING, { limit: 10 })).items).toEqual([])
    })
    for (let round = 0; round < 100; round += 1) {
      const { id } = await newUser(db, `user-${round}`)
      expect((await getUser(db, EVERYTHING, id)).username).toBe(`user-${round}`)
    }
  })
})
