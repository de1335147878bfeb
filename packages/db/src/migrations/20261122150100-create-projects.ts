import { createTables } from './migration.js'

export const createProjects = createTables(
  ['projects'],
  ({ id, text, integer, instant, json, createdAt, amount, tableSuffix }) => [
    `CREATE TABLE projects (
      id ${id},
      user_id ${integer} NOT NULL REFERENCES users (id),
      name ${text} NOT NULL,
      description ${text},
      idea ${text} NOT NULL,
      status ${text} NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed')),
      project_path ${text},
      ${amount('investment')},
      ${amount('total_cost')} DEFAULT 0,
      ${amount('reserved')} DEFAULT 0,
      metadata ${json},
      error ${text},
      idempotency_key ${text},
      request_hash ${text},
      created_at ${createdAt},
      updated_at ${createdAt},
      completed_at ${instant},
      UNIQUE (user_id, idempotency_key)
    ) ${tableSuffix}`,
    'CREATE INDEX projects_by_user ON projects (user_id, id)',
    'CREATE INDEX projects_by_user_and_status ON projects (user_id, status, id)',
    'CREATE INDEX projects_by_status ON projects (status, id)',
  ],
)
