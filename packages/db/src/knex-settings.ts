import type { Knex } from 'knex'
import { knexSnakeCaseMappers } from 'objection'
import type { Dialect, OurConfig } from './dialect/dialect.js'
import { ACQUIRE_MILLISECONDS } from './dialect/time-limits.js'
import { migrations } from './migrations/index.js'

/** Adds the settings that all databases share: the dialect, our migrations, our column naming. */
export function withSettings(dialect: Dialect, config: Knex.Config): OurConfig {
  return {
    ...config,
    ...knexSnakeCaseMappers(),
    mgxDialect: dialect,
    migrations: { migrationSource: migrations, tableName: 'knex_migrations' },
    acquireConnectionTimeout: ACQUIRE_MILLISECONDS,
    // Error messages show placeholders, because values may be secret. Callers get the errors, so Knex logs nothing.
    compileSqlOnError: false,
    log: { warn() {}, error() {} },
  }
}
