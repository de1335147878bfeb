import type { Knex } from 'knex'
import { knexSnakeCaseMappers } from 'objection'
import type { Dialect, OurConfig } from './dialect/dialect.js'
import { ACQUIRE_MILLISECONDS } from './dialect/time-limits.js'
import { migrations } from './migrations/index.js'

/** Gives a configuration what all databases have alike: the dialect, our migrations, our naming of columns. */
export function withSettings(dialect: Dialect, config: Knex.Config): OurConfig {
  return {
    ...config,
    ...knexSnakeCaseMappers(),
    mgxDialect: dialect,
    migrations: { migrationSource: migrations, tableName: 'knex_migrations' },
    acquireConnectionTimeout: ACQUIRE_MILLISECONDS,
    // Errors carry placeholders, for values may be secret; and they reach the caller, so nothing goes to the console.
    compileSqlOnError: false,
    log: { warn() {}, error() {} },
  }
}
