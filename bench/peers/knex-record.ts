import type { Knex } from 'knex'
import { type Call, nanoOf } from '../calls.js'
import type { Account } from '../world.js'
import { addToRollup, recordColumns, recordOf, rollupColumns, rollupsOf } from './records.js'

/** Records one cost in one transaction, as one would with plain Knex: the same rows and rollups as the product's. */
export async function recordWithKnex(db: Knex, account: Account, call: Call): Promise<void> {
  await db.transaction((trx) => writeCost(trx, account, call))
}

/** Writes the rows of one cost and returns its id. Locks the project's row until the transaction ends. */
export async function writeCost(trx: Knex.Transaction, account: Account, call: Call): Promise<number> {
  const cost = nanoOf(call)
  const updatedAt = new Date().toISOString()
  const [project] = await trx('projects')
    .where({ id: account.projectId })
    .update({ totalCost: trx.raw('total_cost + ?', [cost]), updatedAt })
    .returning('*')
  await trx('users')
    .where({ id: account.userId })
    .update({ totalCost: trx.raw('total_cost + ?', [cost]), updatedAt })
  const [{ id }] = await trx('cost_records')
    .insert(rowOf(recordColumns, recordOf(call, account, project.totalCost)))
    .returning('id')
  const [rollup = []] = rollupsOf([call], account)
  await trx.raw(
    `INSERT INTO cost_rollups (${rollupColumns}) VALUES (${rollupColumns.map(() => '?')}) ${addToRollup}`,
    rollup,
  )
  return id
}

function rowOf(columns: string[], cells: (string | number)[]): Record<string, string | number | undefined> {
  return Object.fromEntries(columns.map((name, index) => [name, cells[index]]))
}
