import { randomUUID } from 'node:crypto'
import { everyDatabase, migratedDatabase } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createServices } from '../context.js'
import { callerOf, expectRefusal } from '../testing/callers.js'
import { argon2Proofs } from './argon2-proofs.js'

const [first, second, third] = [randomUUID().repeat(2), randomUUID().repeat(2), randomUUID().repeat(2)]

describe.each(everyDatabase)('the move to a new secret on $name', (database) => {
  test('keeps the keys and sessions that are used during the move', async () => {
    const db = await migratedDatabase(database)
    onTestFinished(() => db.destroy())
    const logs = { version: '0', logInternal: () => {}, logUnavailable: () => {} }
    const serverWith = (current: string, previous?: string) =>
      createServices({ db, issuer: 'http://mgx.test', secrets: { current, previous }, proofs: argon2Proofs, ...logs })
    const before = serverWith(first)
    const { apiKey: admin = '' } = await before.credentials.ensureAdmin()
    const caller = callerOf(before, admin ?? '')
    const [used, unused] = [
      await caller.apiKeys.create({ name: 'used' }),
      await caller.apiKeys.create({ name: 'unused' }),
    ]
    const session = await caller.sessions.create({})

    const during = serverWith(second, first)
    expect((await during.credentials.ensureAdmin(undefined)).made).toBeUndefined()
    for (const credential of [admin, used.key, session.token]) {
      expect((await callerOf(during, credential ?? '').users.me()).username).toBe('admin')
    }
    expect((await callerOf(during, admin ?? '').sessions.verify({ token: session.token })).id).toBe(session.session.id)
    // A server that has not moved yet would look for the old lookups.
    await expectRefusal(callerOf(serverWith(first), used.key).users.me(), 'unauthenticated')

    const after = serverWith(second)
    for (const credential of [admin, used.key, session.token]) {
      expect((await callerOf(after, credential ?? '').users.me()).username).toBe('admin')
    }
    await expectRefusal(callerOf(after, unused.key).users.me(), 'unauthenticated')
    expect((await callerOf(serverWith(third, first), unused.key).users.me()).username).toBe('admin')
  })
})
