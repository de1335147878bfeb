import { createTables } from './migration.js'

export const createIdentities = createTables(['identities'], ({ id, text, integer, createdAt, tableSuffix }) => [
  `CREATE TABLE identities (
    id ${id},
    user_id ${integer} NOT NULL REFERENCES users (id),
    issuer ${text} NOT NULL,
    subject ${text} NOT NULL,
    created_at ${createdAt},
    UNIQUE (issuer, subject)
  ) ${tableSuffix}`,
  'CREATE INDEX identities_by_user ON identities (user_id, id)',
])
