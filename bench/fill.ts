import type { Account, World } from './world.js'

/** Records per statement, few enough to stay within the product's statement time limit. */
const SLICE = 100_000

/** Writes records of the last 90 days, with totals and rollups, into a project, bypassing the ledger. */
export async function fill(
  { db, name }: Pick<World, 'db' | 'name'>,
  { projectId, userId }: Account,
  records: number,
): Promise<void> {
  const isPostgres = name === 'postgres'
  const numbers = (first: number, last: number) =>
    isPostgres
      ? `SELECT n FROM generate_series(${first}, ${last}) AS n`
      : `WITH RECURSIVE numbers (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}) SELECT n FROM numbers`
  const instant = isPostgres
    ? `now() - n % 90 * interval '1 day'`
    : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', -(n % 90) || ' days')`
  const day = isPostgres ? `(created_at AT TIME ZONE 'UTC')::date` : 'substr(created_at, 1, 10)'
  const key = isPostgres ? 'gen_random_uuid()::text' : 'lower(hex(randomblob(18)))'
  await db.transaction(async (trx) => {
    for (let first = 1; first <= records; first += SLICE) {
      const slice = numbers(first, Math.min(first + SLICE - 1, records))
      await trx.raw(
        `INSERT INTO cost_records (user_id, project_id, model, prompt_tokens, completion_tokens, cached_prompt_tokens,
        total_cost, action_type, price_source, idempotency_key, request_hash, budget_limit, budget_spent,
        budget_reserved, created_at)
      SELECT ?, ?, 'filling-' || (n / 90 % 20), 500, 100, 0, 1000000 + n % 1000, 'action-' || (n / 1800 % 10), 'caller', ${key},
        '${'x'.repeat(43)}', 1, 1, 0, ${instant} FROM (${slice}) AS numbers`,
        [userId, projectId],
      )
    }
    await trx.raw(
      `INSERT INTO cost_rollups (day, user_id, project_id, model, action_type, records, prompt_tokens,
        completion_tokens, total_cost)
      SELECT ${day}, user_id, project_id, model, action_type, count(*), sum(prompt_tokens), sum(completion_tokens),
        sum(total_cost) FROM cost_records WHERE project_id = ? GROUP BY 1, 2, 3, 4, 5`,
      [projectId],
    )
    for (const table of ['projects', 'users']) {
      await trx.raw(
        `UPDATE ${table} SET total_cost = (SELECT sum(total_cost) FROM cost_records WHERE project_id = ?) WHERE id = ?`,
        [projectId, table === 'projects' ? projectId : userId],
      )
    }
  })
  await db.raw(isPostgres ? 'VACUUM ANALYZE' : 'PRAGMA wal_checkpoint(TRUNCATE)')
}
