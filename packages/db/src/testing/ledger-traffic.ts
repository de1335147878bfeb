import { randomUUID } from 'node:crypto'
import { DomainError, formatUsd, type ReservationAndBudget } from '@mgx/contract'
import type { Knex } from 'knex'
import { SYSTEM } from '../audit/audit-log.js'
import { createLedger } from '../ledger/ledger.js'
import { createProject, updateProjectStatus } from '../ledger/projects.js'
import { EVERYTHING } from '../scope.js'
import { createUser } from '../stores/users.js'

const MODELS = ['gpt-4-turbo', 'claude', 'Zürich', 'a\nb', '😀', '\u{ffff}']
const ACTIONS = ['WritePRD', 'writeCode', 'Äction', null]
const LONG_AGO = '2020-01-01T00:00:00.000Z'

/** The projects with traffic, each with its user. */
export type Traffic = { userId: number; projectId: number }[]

/**
 * Creates two users with two projects each and runs a few hundred random operations on them, several at once: records,
 * holds that are settled, released, expired, settled late or left open, adjustments, and the end of a project. The same
 * `seed` gives the same operations.
 */
export async function runTraffic(db: Knex, seed: number): Promise<Traffic> {
  const ledger = createLedger(db)
  const { below, one } = randomFrom(seed)
  const accounts: Traffic = []
  for (const userId of [await newUser(db), await newUser(db)]) {
    for (const investment of ['1', '50']) {
      const { id } = await createProject(db, userId, { name: 'Snake', idea: 'A game', investment }, SYSTEM)
      accounts.push({ userId, projectId: id })
    }
  }
  const usage = () => ({
    model: one(MODELS),
    promptTokens: below(5000),
    completionTokens: below(5000),
    cachedPromptTokens: 0,
    totalCost: formatUsd(BigInt(below(200_000_000))),
    actionType: one(ACTIONS),
  })
  const projectId = () => one(accounts).projectId
  const operations = [
    () => ledger.record(EVERYTHING, { projectId: projectId(), ...usage() }),
    () =>
      ledger.recordMany(
        EVERYTHING,
        Array.from({ length: below(9) + 1 }, () => ({ projectId: projectId(), ...usage() })),
      ),
    () =>
      ledger.adjust(
        EVERYTHING,
        { projectId: projectId(), totalCost: formatUsd(BigInt(below(10 ** 9))), reason: 'r' },
        by,
      ),
    () => hold().then(({ id }) => ledger.settle(EVERYTHING, { reservationId: id, ...usage() })),
    () => hold().then(({ id }) => ledger.release(EVERYTHING, id)),
    () => hold().then(({ id }) => db('reservations').where({ id }).update({ expiresAt: LONG_AGO })),
    () => hold(),
    async () => {
      const { id } = await hold()
      await db('reservations').where({ id }).update({ expiresAt: LONG_AGO })
      await ledger.expireDue()
      await ledger.settle(EVERYTHING, { reservationId: id, ...usage() })
    },
  ]
  async function hold(): Promise<ReservationAndBudget['reservation']> {
    const amount = formatUsd(BigInt(below(50_000_000) + 1))
    return (await ledger.reserve(EVERYTHING, { projectId: projectId(), amount, ttlSeconds: 3600 })).reservation
  }
  for (let round = 0; round < 12; round += 1) {
    const calls = Array.from({ length: 16 }, () => one(operations)())
    for (const call of await Promise.allSettled(calls)) {
      if (call.status === 'rejected' && !(call.reason instanceof DomainError)) throw call.reason
    }
  }
  await updateProjectStatus(db, EVERYTHING, { id: accounts[0]?.projectId ?? 0, status: 'failed' }, SYSTEM)
  return accounts
}

const by = { actor: 'user:1', credential: null, requestId: 'traffic', address: null }

async function newUser(db: Knex): Promise<number> {
  const username = `user-${randomUUID()}`
  const member = { username, email: `${username}@example.com`, role: 'member', spendingLimit: null } as const
  return (await createUser(db, member, SYSTEM)).id
}

/** Returns a reproducible pseudorandom generator (linear congruential). */
function randomFrom(seed: number) {
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return { below, one: <Item>(items: readonly Item[]) => items[below(items.length)] as Item }
}
