import type { Knex } from 'knex'
import { type Call, nanoOf } from '../calls.js'
import type { Account } from '../world.js'
import { addToRollup, recordColumns, recordOf, rollupColumns, rollupsOf } from './records.js'

/** Writes many costs in one transaction through the driver. */
export type BulkWriter = (account: Account, calls: readonly Call[]) => Promise<void>

/** Returns the limit to compare with: direct driver calls, one statement per table. */
export function bulkWriter(db: Knex, name: 'postgres' | 'sqlite'): BulkWriter {
  return name === 'postgres' ? postgresWriter(db) : sqliteWriter(db)
}

const totals = (table: string) => `UPDATE ${table} SET total_cost = total_cost + $1 WHERE id = $2`

type PostgresClient = { query(text: string, values?: unknown[]): Promise<unknown> }

const recordTypes = 'bigint bigint text bigint bigint bigint bigint text text text text bigint bigint bigint'
const rollupTypes = 'date bigint bigint text text bigint bigint bigint bigint'

function postgresWriter(db: Knex): BulkWriter {
  const unnest = (types: string) =>
    `unnest(${types
      .split(' ')
      .map((type, index) => `$${index + 1}::${type}[]`)
      .join(', ')})`
  return async (account, calls) => {
    const client: PostgresClient = await db.client.acquireConnection()
    const cost = calls.reduce((sum, call) => sum + nanoOf(call), 0)
    const records = calls.map((call) => recordOf(call, account, cost))
    try {
      await client.query('BEGIN')
      await client.query(totals('users'), [cost, account.userId])
      await client.query(totals('projects'), [cost, account.projectId])
      await client.query(
        `INSERT INTO cost_records (${recordColumns}) SELECT * FROM ${unnest(recordTypes)} RETURNING id`,
        columnsOf(records),
      )
      await client.query(
        `INSERT INTO cost_rollups (${rollupColumns}) SELECT * FROM ${unnest(rollupTypes)} ${addToRollup}`,
        columnsOf(rollupsOf(calls, account)),
      )
      await client.query('COMMIT')
    } finally {
      await db.client.releaseConnection(client)
    }
  }
}

function columnsOf(rows: (string | number)[][]): (string | number | undefined)[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]))
}

type SqliteConnection = { all(sql: string, values: unknown[], done: (error: Error | null) => void): void }

function sqliteWriter(db: Knex): BulkWriter {
  const each = (columns: string[]) =>
    `SELECT ${columns.map((_, index) => `value ->> ${index}`)} FROM jsonb_each(?) WHERE true`
  return async (account, calls) => {
    const connection: SqliteConnection = await db.client.acquireConnection()
    const run = (sql: string, ...values: unknown[]) =>
      new Promise<void>((resolve, reject) => {
        connection.all(sql, values, (error) => (error ? reject(error) : resolve()))
      })
    const cost = calls.reduce((sum, call) => sum + nanoOf(call), 0)
    const records = calls.map((call) => recordOf(call, account, cost))
    const insert = (table: string, columns: string[]) => `INSERT INTO ${table} (${columns}) ${each(columns)}`
    try {
      await run('BEGIN IMMEDIATE')
      await run(totals('users'), cost, account.userId)
      await run(totals('projects'), cost, account.projectId)
      await run(`${insert('cost_records', recordColumns)} RETURNING id`, JSON.stringify(records))
      await run(`${insert('cost_rollups', rollupColumns)} ${addToRollup}`, JSON.stringify(rollupsOf(calls, account)))
      await run('COMMIT')
    } finally {
      await db.client.releaseConnection(connection)
    }
  }
}
