import { createTables } from './migration.js'

/** The provider is '' where the caller named none, because unique keys treat nulls as distinct. */
export const createUnknownModels = createTables(
  ['unknown_models'],
  ({ id, text, instant, createdAt, count, tableSuffix }) => [
    `CREATE TABLE unknown_models (
      id ${id},
      model ${text} NOT NULL,
      provider ${text} NOT NULL DEFAULT '',
      ${count('calls')},
      last_seen_at ${instant} NOT NULL,
      created_at ${createdAt},
      UNIQUE (model, provider)
    ) ${tableSuffix}`,
    'CREATE INDEX unknown_models_by_time ON unknown_models (last_seen_at, id)',
  ],
)
