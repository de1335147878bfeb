import type { Knex } from 'knex'
import type { Call } from '../calls.js'
import type { Account } from '../world.js'
import { writeCost } from './knex-record.js'

/** Reserves and settles as one would with plain Knex: two transactions, each with the project locked. */
export async function pairWithKnex(db: Knex, account: Account, amount: number, call: Call): Promise<void> {
  const reservationId = await db.transaction((trx) => reserve(trx, account, amount, call.idempotencyKey))
  await db.transaction(async (trx) => {
    await locked(trx, account)
    const costRecordId = await writeCost(trx, account, call)
    await trx('cost_records').where({ id: costRecordId }).update({ reservationId, idempotencyKey: null })
    await trx('reservations')
      .where({ id: reservationId })
      .update({ status: 'settled', resolvedAt: new Date().toISOString(), costRecordId })
    await changeReserved(trx, account, -amount)
  })
}

async function reserve(trx: Knex.Transaction, account: Account, amount: number, key: string): Promise<number> {
  const project = await locked(trx, account)
  if (project.totalCost + project.reserved + amount > project.investment) throw new Error('the budget is exceeded')
  const [{ id }] = await trx('reservations')
    .insert({
      userId: account.userId,
      projectId: account.projectId,
      amount,
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
      idempotencyKey: key,
      requestHash: 'x'.repeat(43),
      budgetLimit: project.investment,
      budgetSpent: project.totalCost,
      budgetReserved: project.reserved + amount,
    })
    .returning('id')
  await changeReserved(trx, account, amount)
  return id
}

/** Locks the project's row. Knex omits FOR UPDATE on SQLite, where a transaction locks the whole file. */
function locked(trx: Knex.Transaction, { projectId }: Account) {
  return trx('projects').where({ id: projectId }).forUpdate().first()
}

async function changeReserved(trx: Knex.Transaction, { projectId, userId }: Account, amount: number): Promise<void> {
  const reserved = trx.raw('reserved + ?', [amount])
  await trx('projects').where({ id: projectId }).update({ reserved })
  await trx('users').where({ id: userId }).update({ reserved })
}
