import type { ListUnknownModelsInput, Page, UnknownModel } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Columns, sourceOf } from '../dialect/columns.js'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import { firstRows, toPage } from '../page.js'
import type { OverrideRule } from '../prices/override-rule.js'
import { indexOverrides, resolveModel } from '../prices/resolve-model.js'

/** A refused call of a model without a price. */
export type UnknownCall = { readonly model: string; readonly provider: string | null }

/** Only this many are kept, those seen last, because callers choose the names. */
const MOST_KEPT = 1_000

type Seen = { model: string; provider: string; calls: number; now: string }

const seenColumns: Columns<Seen> = {
  model: ['text', ({ model }) => model],
  provider: ['text', ({ provider }) => provider],
  calls: ['integer', ({ calls }) => calls],
  now: ['instant', ({ now }) => now],
}

/** Returns the statements that count refused calls at an instant, in order; none when there are no calls. */
export function countUnknownModels(trx: Knex.Transaction, calls: readonly UnknownCall[], now: string): Statement[] {
  if (calls.length === 0) return []
  const source = sourceOf(trx, 'seen', seenColumns, countedCalls(calls, now))
  return [
    {
      // Sorted, so that all servers lock the rows in the same order. SQLite's grammar needs the WHERE true.
      sql: `INSERT INTO unknown_models (model, provider, calls, last_seen_at)
        SELECT model, provider, calls, now FROM ${source.sql} WHERE true ORDER BY model, provider
        ON CONFLICT (model, provider) DO UPDATE SET
          calls = unknown_models.calls + excluded.calls, last_seen_at = excluded.last_seen_at`,
      bindings: source.bindings,
    },
    {
      // Waiting for rows that another server counts at the same time could deadlock.
      sql: `DELETE FROM unknown_models WHERE id IN (
        SELECT id FROM unknown_models ORDER BY last_seen_at DESC, id DESC LIMIT ${MOST_KEPT} OFFSET ${MOST_KEPT}
        ${dialectOf(trx).lockFreeRows('unknown_models')})`,
      bindings: [],
    },
  ]
}

function countedCalls(calls: readonly UnknownCall[], now: string): Seen[] {
  const counted = new Map<string, Seen>()
  for (const { model, provider } of calls) {
    const key = `${provider ?? ''} ${model}`
    const seen = counted.get(key) ?? { model, provider: provider ?? '', calls: 0, now }
    seen.calls += 1
    counted.set(key, seen)
  }
  return [...counted.values()]
}

type Row = Seen & { id: number; lastSeenAt: string }

/** Returns a page of the models for which calls were refused, in the order in which they were first seen, newest first. */
export async function listUnknownModels(db: Knex, input: ListUnknownModelsInput): Promise<Page<UnknownModel>> {
  const rows: Row[] = await firstRows(db('unknown_models').select(), input)
  const { items, nextCursor } = toPage(rows, input, ({ id }) => id)
  const shown = ({ model, provider, calls, lastSeenAt }: Row) => ({
    model,
    provider: provider === '' ? null : provider,
    calls,
    lastSeenAt,
  })
  return { items: items.map(shown), nextCursor }
}

/** Removes the models that an override prices at an instant. */
export async function forgetPricedModels(trx: Knex.Transaction, rule: OverrideRule, at: string): Promise<void> {
  const index = indexOverrides([rule])
  const rows: Row[] = await trx('unknown_models').select()
  const priced = rows.filter(({ model, provider }) => resolveModel(model, at, provider || undefined, index)?.override)
  await trx('unknown_models')
    .whereIn(
      'id',
      priced.map(({ id }) => id),
    )
    .delete()
}
