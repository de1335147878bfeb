import { join } from 'node:path'
import type { RecordCostInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { domainErrorOf } from '../errors.js'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING } from '../scope.js'
import { totalCostRecords } from '../stores/cost-records.js'
import { createUser } from '../stores/users.js'
import { testDatabases } from '../testing/index.js'
import { mountSmallDisk } from '../testing/small-disk.js'
import { verifyLedger } from '../verify/verify.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject } from './projects.js'

const [sqlite] = testDatabases
const PAGE_BYTES = 4096
const PLENTY = 12 * 1024 * 1024

/** A SQLite database on a disk that the test can fill. */
type Disk = { url: string; leave(db: Knex, bytes: number): Promise<void> }

/** Uses a real disk, where this process may mount one. */
async function realDisk(): Promise<Disk | undefined> {
  const disk = mountSmallDisk()
  if (!disk) return undefined
  onTestFinished(disk.remove)
  return { url: `sqlite:${join(disk.folder, 'test.db')}`, leave: async (_, bytes) => disk.leave(bytes) }
}

/** Uses SQLite's page limit. */
async function pageLimit(): Promise<Disk> {
  return {
    url: (await sqlite?.url()) ?? '',
    async leave(db, bytes) {
      // Free pages inside the file are used up first.
      const [{ pageCount }] = await db.raw('PRAGMA page_count')
      const [{ freelistCount }] = await db.raw('PRAGMA freelist_count')
      await db.raw(`PRAGMA max_page_count = ${pageCount - freelistCount + Math.floor(bytes / PAGE_BYTES)}`)
    },
  }
}

const disks = [
  { name: 'a page limit', make: pageLimit },
  ...(process.getuid?.() === 0 ? [{ name: 'a real disk', make: realDisk }] : []),
]

describe.each(disks)('on a full disk, by $name,', ({ make }) => {
  async function start() {
    const disk = await make()
    if (!disk) throw new Error('root can mount no disk here')
    const db = await openDatabase(disk.url)
    onTestFinished(() => db.destroy())
    await migrateLatest(db)
    const member = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: '1000' } as const
    const { id: userId } = await createUser(db, member, SYSTEM)
    const { id: projectId } = await createProject(
      db,
      userId,
      { name: 'Snake', idea: 'A game', investment: '1000' },
      SYSTEM,
    )
    const tokens = { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 }
    const call = { projectId, model: 'm', ...tokens, totalCost: '0.01', actionType: 'a'.repeat(100) }
    return { disk, db, ledger: createLedger(db), call }
  }

  async function expectRecords(db: Knex, projectId: number, records: number): Promise<void> {
    expect((await totalCostRecords(db, EVERYTHING, projectId)).records).toBe(records)
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true, drifts: [] })
  }

  test('a refused group changes nothing, at every size of free space', async () => {
    const { disk, db, ledger, call } = await start()
    const sizes = Array.from({ length: 60 }, (_, pages) => pages * PAGE_BYTES)
    let records = 0
    let refused = 0
    for (const [round, bytes] of sizes.entries()) {
      await db.raw('PRAGMA wal_checkpoint(TRUNCATE)')
      const { reservation } = await ledger.reserve(EVERYTHING, {
        projectId: call.projectId,
        amount: '0.02',
        ttlSeconds: 3600,
      })
      await disk.leave(db, bytes)
      const results = await Promise.allSettled(group(ledger, call, reservation.id, round))
      await disk.leave(db, PLENTY)
      for (const result of results) {
        if (result.status === 'fulfilled') records += result.value
        else {
          refused += 1
          expect(domainErrorOf(db, result.reason)).toMatchObject({
            reason: 'unavailable',
            cause: { message: expect.stringMatching(/database or disk is full|disk I\/O error/) },
          })
        }
      }
      await expectRecords(db, call.projectId, records)
    }
    expect(refused).toBeGreaterThan(0)
    expect(records).toBeGreaterThan(0)
  }, 120_000)

  test('a call that is rejected again and again does not change a budget', async () => {
    const { disk, db, ledger, call } = await start()
    await ledger.record(EVERYTHING, call)
    await db.raw('PRAGMA wal_checkpoint(TRUNCATE)')
    // When its pages do not fit in memory, a group writes before its COMMIT.
    await db.raw('PRAGMA cache_size = 10')
    await disk.leave(db, 20 * PAGE_BYTES)
    for (let round = 0; round < 12; round += 1) {
      const many = ledger.recordMany(EVERYTHING, Array(800).fill(call))
      expect(domainErrorOf(db, await many.catch((error: unknown) => error))).toMatchObject({ reason: 'unavailable' })
    }
    await disk.leave(db, PLENTY)
    await expectRecords(db, call.projectId, 1)
    await ledger.record(EVERYTHING, call)
    await expectRecords(db, call.projectId, 2)
  })
})

/** Calls that share a group and write to every table; each returns how many records it wrote. */
function group(ledger: Ledger, call: RecordCostInput, reservationId: number, round: number): Promise<number>[] {
  const { projectId, ...usage } = call
  return [
    ledger.record(EVERYTHING, { ...call, actionType: `action ${round}` }).then(() => 1),
    ledger.recordMany(EVERYTHING, Array(100).fill(call)).then((each) => each.filter(({ ok }) => ok).length),
    ledger.settle(EVERYTHING, { reservationId, ...usage }).then(() => 1),
    ledger.reserve(EVERYTHING, { projectId, amount: '0.01', ttlSeconds: 3600 }).then(() => 0),
    ledger
      .adjust(
        EVERYTHING,
        { projectId, totalCost: '500', reason: 'r' },
        { actor: 'user:1', credential: null, requestId: 'r', address: null },
      )
      .then(() => 1),
  ]
}
