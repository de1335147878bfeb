import { afterEach, describe, expect, test, vi } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { readClock } from '../dialect/dialect.js'
import { createUser } from '../stores/users.js'
import { createWasmDatabase } from './wasm-database.js'

const ada = { username: 'ada', email: 'ada@example.com', role: 'member', spendingLimit: null } as const
const LEAP_DAY = Date.parse('2020-02-29T12:00:00Z')

describe('a database in WebAssembly', () => {
  afterEach(() => vi.useRealTimers())

  test("has the schema and its process's clock", async () => {
    let now = LEAP_DAY
    const db = await createWasmDatabase(() => now)
    expect((await createUser(db, ada, SYSTEM)).createdAt).toBe('2020-02-29T12:00:00.000Z')
    now += 86_400_000
    expect(await readClock(db)).toBe('2020-03-01T12:00:00.000Z')
    await db.destroy()
  })

  test('shares nothing with another database', async () => {
    const [one, other] = await Promise.all([createWasmDatabase(Date.now), createWasmDatabase(Date.now)])
    expect(await Promise.all([createUser(one, ada, SYSTEM), createUser(other, ada, SYSTEM)])).toMatchObject([
      { id: 1 },
      { id: 1 },
    ])
    await Promise.all([one.destroy(), other.destroy()])
  })

  test('works while timers are fake', async () => {
    vi.useFakeTimers({ now: LEAP_DAY })
    const db = await createWasmDatabase(Date.now)
    await db.transaction(async (trx) => {
      await createUser(trx, ada, SYSTEM)
      vi.advanceTimersByTime(60_000)
    })
    expect(await readClock(db)).toBe('2020-02-29T12:01:00.000Z')
    await db.destroy()
  })
})
