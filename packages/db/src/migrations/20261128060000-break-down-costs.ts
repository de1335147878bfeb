import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/**
 * Adds how each cost was computed to its record, and the canonical model and the estimated part to rollups. Rollups are
 * copied, because their unique key changes.
 */
export const breakDownCosts: Migration = {
  async up(db) {
    const { text, integer } = dialectOf(db).types
    const columns = [
      `canonical_model ${text}`,
      `usage_source ${text} NOT NULL DEFAULT 'caller' CHECK (usage_source IN ('provider', 'caller', 'estimated'))`,
      `price_id ${integer}`,
      `breakdown ${text}`,
      `unpriced ${text} NOT NULL DEFAULT ''`,
      `corrects_record_id ${integer}`,
    ]
    for (const column of columns) await db.raw(`ALTER TABLE cost_records ADD COLUMN ${column}`)
    await db.raw(`CREATE INDEX cost_records_correcting ON cost_records (corrects_record_id)
      WHERE corrects_record_id IS NOT NULL`)
    await copyRollups(db, { key: ['canonical_model'], sums: ['estimated_cost'] }, [`''`, '0'])
  },
  async down(db) {
    await copyRollups(db, { key: [], sums: [] }, [])
    await db.raw('DROP INDEX cost_records_correcting')
    const columns = ['canonical_model', 'usage_source', 'price_id', 'breakdown', 'unpriced', 'corrects_record_id']
    for (const column of columns) await db.raw(`ALTER TABLE cost_records DROP COLUMN ${column}`)
  },
}

const KEY = ['project_id', 'day', 'model', 'action_type']
const SUMS = ['records', 'prompt_tokens', 'completion_tokens', 'total_cost']

/** The most that a sum of tokens may be in a rollup. */
const MAX_TOKENS = 9007199254740991n

/** Copies the rollups into a table that has the `added` columns too, with these values. Adds up rows that share a key. */
async function copyRollups(db: Knex, added: { key: string[]; sums: string[] }, values: string[]): Promise<void> {
  const { byCodePoint, now, types } = dialectOf(db)
  const { id, text, integer, day, instant, tableSuffix } = types
  await db.raw('DROP INDEX cost_rollups_by_user')
  await db.raw('DROP INDEX cost_rollups_by_day')
  await db.raw('ALTER TABLE cost_rollups RENAME TO cost_rollups_before')
  await db.raw(`CREATE TABLE cost_rollups (
    id ${id},
    day ${day} NOT NULL,
    user_id ${integer} NOT NULL REFERENCES users (id),
    project_id ${integer} NOT NULL REFERENCES projects (id),
    model ${text} ${byCodePoint} NOT NULL,
    action_type ${text} ${byCodePoint} NOT NULL DEFAULT '',
    ${added.key.map((name) => `${name} ${text} ${byCodePoint} NOT NULL DEFAULT '',`).join('\n')}
    records ${integer} NOT NULL CHECK (records >= 0 AND records <= ${MAX_TOKENS}),
    prompt_tokens ${integer} NOT NULL,
    completion_tokens ${integer} NOT NULL,
    total_cost ${integer} NOT NULL,
    ${added.sums.map((name) => `${name} ${integer} NOT NULL DEFAULT 0,`).join('\n')}
    created_at ${instant} NOT NULL DEFAULT (${now}),
    UNIQUE (${[...KEY, ...added.key].join(', ')})
  ) ${tableSuffix}`)
  const kept = ['day', 'user_id', 'project_id', 'model', 'action_type']
  const capped = (name: string) =>
    name.endsWith('tokens')
      ? `CASE WHEN SUM(${name}) > ${MAX_TOKENS} THEN ${MAX_TOKENS} ELSE SUM(${name}) END`
      : `SUM(${name})`
  await db.raw(`INSERT INTO cost_rollups (${[...kept, ...SUMS, 'created_at', ...added.key, ...added.sums].join(', ')})
    SELECT ${[...kept, ...SUMS.map(capped), 'MIN(created_at)', ...values].join(', ')} FROM cost_rollups_before
    GROUP BY ${kept.join(', ')} ORDER BY MIN(id)`)
  await db.raw('DROP TABLE cost_rollups_before')
  await db.raw('CREATE INDEX cost_rollups_by_user ON cost_rollups (user_id, day)')
  await db.raw('CREATE INDEX cost_rollups_by_day ON cost_rollups (day)')
}
