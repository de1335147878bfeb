import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readClock } from '../dialect/dialect.js'
import { readGauges } from '../reports/gauges.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { CLAIM_SECONDS, claimVerification, keepClaim, recordVerification } from './last-verification.js'
import { createVerifier } from './verifier.js'

describe.each(testDatabases)('the next verification on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  const HOUR = 3_600
  const never = new AbortController().signal
  const found = async (drifts = 0) => ({
    verifiedAt: await readClock(db),
    drifts: Array(drifts).fill({ what: '', expected: '', found: '', difference: null }),
    hasMore: false,
  })
  /** Moves the instants of the row back, as if this time had passed. */
  async function pass(seconds: number): Promise<void> {
    const row = await db('ledger_verifications').first()
    const earlier = (instant: string | null) =>
      instant === null ? null : new Date(Date.parse(instant) - seconds * 1_000).toISOString()
    await db('ledger_verifications').update({
      verifiedAt: earlier(row.verifiedAt),
      claimedUntil: earlier(row.claimedUntil),
    })
  }

  test('is claimed by one of many, once an interval', async () => {
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((claim) => claimVerification(db, claim, HOUR)))
    expect(claims.filter(Boolean)).toHaveLength(1)
    const [winner = ''] = ['a', 'b', 'c', 'd'].filter((_, index) => claims[index])
    expect(await recordVerification(db, await found(), winner)).toBe(true)
    expect(await claimVerification(db, 'e', HOUR)).toBe(false)
    await pass(HOUR + 1)
    expect(await claimVerification(db, 'e', HOUR)).toBe(true)
  })

  test('is taken over from a process that was killed, whose claim is not renewed', async () => {
    expect(await claimVerification(db, 'killed', HOUR)).toBe(true)
    await pass(CLAIM_SECONDS - 5)
    expect(await claimVerification(db, 'next', HOUR)).toBe(false)
    await keepClaim(db, 'killed')
    await pass(CLAIM_SECONDS - 5)
    expect(await claimVerification(db, 'next', HOUR)).toBe(false)
    await pass(6)
    expect(await claimVerification(db, 'next', HOUR)).toBe(true)
    // It was only frozen: what it still does changes nothing.
    await keepClaim(db, 'killed')
    expect(await recordVerification(db, await found(7), 'killed')).toBe(false)
    expect(await recordVerification(db, await found(1), 'next')).toBe(true)
    expect(await readGauges(db)).toMatchObject({ drifts: 1 })
  })

  test('runs once for the verifiers of many servers, and one that an admin asks for counts too', async () => {
    const verifiers = [createVerifier(db), createVerifier(db), createVerifier(db)]
    const all = () => Promise.all(verifiers.map((verifier) => verifier.runIfDue(HOUR, never)))
    const ran = async () => (await all()).filter((result) => result !== undefined)
    expect(await ran()).toMatchObject([{ drifts: [] }])
    expect(await ran()).toEqual([])
    await pass(HOUR + 1)
    await verifiers[0]?.run()
    expect(await ran()).toEqual([])
    await pass(HOUR + 1)
    expect(await ran()).toHaveLength(1)
  })
})
