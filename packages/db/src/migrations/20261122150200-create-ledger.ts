import { createTables } from './migration.js'

export const createLedger = createTables(
  ['reservations', 'cost_records'],
  ({ id, text, integer, instant, createdAt, amount, count, tableSuffix }) => [
    `CREATE TABLE reservations (
      id ${id},
      user_id ${integer} NOT NULL REFERENCES users (id),
      project_id ${integer} NOT NULL REFERENCES projects (id),
      ${amount('amount')},
      status ${text} NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'settled', 'released', 'expired')),
      expires_at ${instant} NOT NULL,
      resolved_at ${instant},
      cost_record_id ${integer} UNIQUE,
      idempotency_key ${text},
      request_hash ${text},
      budget_limit ${integer},
      budget_spent ${integer},
      budget_reserved ${integer},
      created_at ${createdAt},
      UNIQUE (project_id, idempotency_key)
    ) ${tableSuffix}`,
    'CREATE INDEX reservations_by_project ON reservations (project_id, id)',
    `CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'held'`,
    `CREATE INDEX reservations_held_by_user ON reservations (user_id, expires_at) WHERE status = 'held'`,
    `CREATE TABLE cost_records (
      id ${id},
      user_id ${integer} NOT NULL REFERENCES users (id),
      project_id ${integer} NOT NULL REFERENCES projects (id),
      model ${text} NOT NULL,
      ${count('prompt_tokens')},
      ${count('completion_tokens')},
      ${count('cached_prompt_tokens')},
      total_cost ${integer} NOT NULL CHECK (
        total_cost <= 9007199254740992 AND
        (total_cost >= 0 OR (price_source = 'adjustment' AND total_cost >= -9007199254740992))
      ),
      action_type ${text},
      price_source ${text} NOT NULL CHECK (price_source IN ('caller', 'catalogue', 'override', 'adjustment')),
      reservation_id ${integer} UNIQUE REFERENCES reservations (id),
      idempotency_key ${text},
      request_hash ${text},
      budget_limit ${integer},
      budget_spent ${integer},
      budget_reserved ${integer},
      created_at ${createdAt},
      UNIQUE (project_id, idempotency_key)
    ) ${tableSuffix}`,
    'CREATE INDEX cost_records_by_project ON cost_records (project_id, id)',
    'CREATE INDEX cost_records_by_project_and_time ON cost_records (project_id, created_at)',
    'CREATE INDEX cost_records_by_project_and_model ON cost_records (project_id, model, id)',
    'CREATE INDEX cost_records_by_project_and_action ON cost_records (project_id, action_type, id)',
  ],
)
