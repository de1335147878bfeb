import type { Knex } from 'knex'
import { type Cell, type ColumnType, dialectOf, type Statement } from '../dialect/dialect.js'
import type { Charge, Hold, Standing } from './core/books.js'
import type { AuditEntry } from './core/draft.js'

/** How the columns of a table are filled from a row of the core. */
export type Columns<Row> = Record<string, readonly [ColumnType, (row: Row) => Cell]>

export const chargeColumns: Columns<Charge> = {
  user_id: ['integer', ({ userId }) => userId],
  project_id: ['integer', ({ projectId }) => projectId],
  model: ['text', ({ usage }) => usage.model],
  prompt_tokens: ['integer', ({ usage }) => usage.promptTokens],
  completion_tokens: ['integer', ({ usage }) => usage.completionTokens],
  cached_prompt_tokens: ['integer', ({ usage }) => usage.cachedPromptTokens],
  total_cost: ['integer', ({ price }) => Number(price.amount)],
  action_type: ['text', ({ usage }) => usage.actionType],
  price_source: ['text', ({ price }) => price.source],
  reservation_id: ['integer', ({ reservationId }) => reservationId],
  created_at: ['instant', ({ createdAt }) => createdAt],
  ...answerColumns<Charge>((charge) => charge.idempotencyKey !== null || charge.reservationId !== null),
}

export const holdColumns: Columns<Hold> = {
  user_id: ['integer', ({ userId }) => userId],
  project_id: ['integer', ({ projectId }) => projectId],
  amount: ['integer', ({ amount }) => Number(amount)],
  status: ['text', ({ status }) => status],
  expires_at: ['instant', ({ expiresAt }) => expiresAt],
  created_at: ['instant', ({ createdAt }) => createdAt],
  ...answerColumns<Hold>((hold) => hold.idempotencyKey !== null),
}

export const auditColumns: Columns<AuditEntry> = {
  actor: ['text', ({ actor }) => actor],
  action: ['text', ({ action }) => action],
  subject: ['text', ({ subject }) => subject],
  before: ['json', ({ before }) => JSON.stringify(before)],
  after: ['json', ({ after }) => JSON.stringify(after)],
  request_id: ['text', ({ requestId }) => requestId],
}

type Answerable = { idempotencyKey: string | null; requestHash: string | null; standing: Standing | null }

/** What a later call with the same key is answered with; empty in rows that nobody can ask for again. */
function answerColumns<Row extends Answerable>(isKept: (row: Row) => boolean): Columns<Row> {
  const kept = (cell: (row: Row) => Cell) => (row: Row) => (isKept(row) ? cell(row) : null)
  const amount = (name: keyof Standing) => kept(({ standing }) => (standing === null ? null : Number(standing[name])))
  return {
    idempotency_key: ['text', ({ idempotencyKey }) => idempotencyKey],
    request_hash: ['text', kept(({ requestHash }) => requestHash)],
    budget_limit: ['integer', amount('limit')],
    budget_spent: ['integer', amount('spent')],
    budget_reserved: ['integer', amount('reserved')],
  }
}

/** The rows as a query source named `alias`, with the columns' names and types. */
export function sourceOf<Row>(
  trx: Knex.Transaction,
  alias: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): Statement {
  const types = Object.fromEntries(Object.entries(columns).map(([name, [type]]) => [name, type]))
  const cells = Object.values(columns).map(([, cell]) => cell)
  return dialectOf(trx).rows(
    alias,
    types,
    rows.map((row) => cells.map((cell) => cell(row))),
  )
}
