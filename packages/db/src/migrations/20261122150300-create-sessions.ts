import { createTables } from './migration.js'

export const createSessions = createTables(
  ['sessions'],
  ({ id, text, integer, instant, json, createdAt, tableSuffix }) => [
    `CREATE TABLE sessions (
    id ${id},
    user_id ${integer} NOT NULL REFERENCES users (id),
    project_id ${integer} REFERENCES projects (id),
    token_lookup ${text} NOT NULL UNIQUE,
      api_key_id ${integer} NOT NULL REFERENCES api_keys (id),
    status ${text} NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'expired', 'closed')),
    metadata ${json},
    created_at ${createdAt},
    expires_at ${instant} NOT NULL
  ) ${tableSuffix}`,
    'CREATE INDEX sessions_by_user ON sessions (user_id, id)',
    'CREATE INDEX sessions_by_project ON sessions (project_id, id)',
  ],
)
