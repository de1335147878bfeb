import { createTables } from './migration.js'

/** No CHECK on the sums: they may exceed the bound of one amount, and adjustments can make a day's cost negative. */
export const createRollups = createTables(
  ['cost_rollups'],
  ({ id, text, integer, day, createdAt, count, tableSuffix }) => [
    `CREATE TABLE cost_rollups (
    id ${id},
    day ${day} NOT NULL,
    user_id ${integer} NOT NULL REFERENCES users (id),
    project_id ${integer} NOT NULL REFERENCES projects (id),
    model ${text} NOT NULL,
    action_type ${text} NOT NULL DEFAULT '',
    ${count('records')},
    prompt_tokens ${integer} NOT NULL,
    completion_tokens ${integer} NOT NULL,
    total_cost ${integer} NOT NULL,
    created_at ${createdAt},
    UNIQUE (project_id, day, model, action_type)
  ) ${tableSuffix}`,
    'CREATE INDEX cost_rollups_by_user ON cost_rollups (user_id, day)',
    'CREATE INDEX cost_rollups_by_day ON cost_rollups (day)',
  ],
)
