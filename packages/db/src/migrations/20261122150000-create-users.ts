import { createTables } from './migration.js'

export const createUsers = createTables(
  ['users', 'api_keys'],
  ({ id, text, integer, instant, json, createdAt, amount, tableSuffix }) => [
    `CREATE TABLE users (
      id ${id},
      username ${text} NOT NULL,
      username_key ${text} NOT NULL UNIQUE,
      email ${text} NOT NULL,
      email_key ${text} NOT NULL UNIQUE,
      role ${text} NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member')),
      spending_limit ${integer} CHECK (spending_limit >= 0 AND spending_limit <= 9007199254740992),
      ${amount('total_cost')} DEFAULT 0,
      ${amount('reserved')} DEFAULT 0,
      created_at ${createdAt},
      updated_at ${createdAt}
    ) ${tableSuffix}`,
    `CREATE TABLE api_keys (
      id ${id},
      user_id ${integer} NOT NULL REFERENCES users (id),
      name ${text} NOT NULL,
      prefix ${text} NOT NULL,
      lookup ${text} NOT NULL UNIQUE,
      api_key_hash ${text} NOT NULL,
      scopes ${json} NOT NULL,
      expires_at ${instant},
      last_used_at ${instant},
      revoked_at ${instant},
      created_at ${createdAt}
    ) ${tableSuffix}`,
    'CREATE INDEX api_keys_by_user ON api_keys (user_id, id)',
  ],
)
