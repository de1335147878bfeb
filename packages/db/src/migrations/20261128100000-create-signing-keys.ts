import { createTables } from './migration.js'

export const createSigningKeys = createTables(['signing_keys'], ({ id, text, instant, createdAt, tableSuffix }) => [
  `CREATE TABLE signing_keys (
    id ${id},
    key_id ${text} NOT NULL UNIQUE,
    public_key ${text} NOT NULL,
    sealed_key ${text},
    created_at ${createdAt},
    retired_at ${instant}
  ) ${tableSuffix}`,
])
