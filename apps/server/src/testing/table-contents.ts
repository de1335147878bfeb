import { createHash } from 'node:crypto'
import { dialectOf } from '@mgx/db'
import type { Knex } from 'knex'

/** Written in the background, or for refused calls too: those are counted for `prices.unknown`. */
const EXEMPT = new Set(['lastUsedAt', 'unknown_models', 'knex_migrations_lock', 'servers'])

/** Returns a hash of the contents of every table, to tell whether anything was changed. */
export async function tableContents(db: Knex): Promise<Record<string, string>> {
  const tables: { name: string }[] =
    dialectOf(db).name === 'sqlite'
      ? await db('sqlite_master').where({ type: 'table' }).whereNot('name', 'like', 'sqlite_%').select('name')
      : await db('information_schema.tables').whereRaw('table_schema = current_schema()').select({ name: 'table_name' })
  const names = tables.map(({ name }) => name).filter((name) => !EXEMPT.has(name))
  const contents = names.toSorted().map(async (name) => [name, hashOf(await db(name).select())] as const)
  return Object.fromEntries(await Promise.all(contents))
}

/**
 * Returns how many rows this process has written on SQLite, so that the tables need not be read when nothing was;
 * undefined on PostgreSQL.
 */
export async function writtenRows(db: Knex): Promise<number | undefined> {
  if (dialectOf(db).name !== 'sqlite') return undefined
  // In a transaction, because reads have a connection of their own.
  const [{ rows }] = await db.transaction((trx) => trx.raw('SELECT total_changes() AS rows'))
  return rows
}

function hashOf(rows: object[]): string {
  const texts = rows.map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !EXEMPT.has(column))))
  return createHash('sha256').update(texts.toSorted().join('\n')).digest('base64')
}
