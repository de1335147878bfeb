import knex, { type Knex } from 'knex'
import initSqlJs, { type SqlJsStatic } from 'sql.js'
import type { Dialect } from '../dialect/dialect.js'
import { sqlite } from '../dialect/sqlite.js'
import { SqliteClient } from '../dialect/sqlite-client.js'
import { withSettings } from '../knex-settings.js'
import { migrateLatest } from '../migrate.js'
import { type WasmConnection, wasmConnection } from './wasm-connection.js'

/** SQLite with the process's clock. */
const wasm: Dialect = { ...sqlite, now: 'mgx_now()', clock: 'mgx_now()', later: 'mgx_later(?)' }

type WasmConfig = Knex.Config & { connect(): WasmConnection }

class WasmClient extends SqliteClient {
  // There is no native driver to load.
  _driver(): object {
    return {}
  }

  override async acquireRawConnection(): ReturnType<SqliteClient['acquireRawConnection']> {
    return (this.config as WasmConfig).connect() as never
  }
}

let loading: Promise<SqlJsStatic> | undefined
let migrated: Promise<Uint8Array> | undefined

/**
 * Creates a migrated in-memory database: SQLite as WebAssembly. `now` is its clock, in milliseconds since 1970. The
 * caller closes it with `destroy()`.
 */
export async function createWasmDatabase(now: () => number): Promise<Knex> {
  migrated ??= makeTemplate()
  return open(await load(), await migrated, now)
}

function load(): Promise<SqlJsStatic> {
  loading ??= initSqlJs()
  return loading
}

/** Creates the migrated database that all others are copied from, because migrating is the slowest step. */
async function makeTemplate(): Promise<Uint8Array> {
  const sql = await load()
  const db = open(sql, undefined, Date.now)
  await migrateLatest(db)
  const connection = await db.client.acquireConnection()
  const bytes: Uint8Array = connection.export()
  await db.client.releaseConnection(connection)
  await db.destroy()
  return bytes
}

function open(sql: SqlJsStatic, content: Uint8Array | undefined, now: () => number): Knex {
  const connect = () => {
    const database = new sql.Database(content)
    database.exec('PRAGMA foreign_keys = ON')
    return wasmConnection(database, now)
  }
  const config: WasmConfig = {
    client: WasmClient,
    connect,
    connection: { filename: ':memory:' },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  }
  return knex(withSettings(wasm, config))
}
