import {
  formatUsd,
  invalidField,
  type ListPricedModelsInput,
  type NanoUsd,
  type Page,
  type PricedModel,
  type PriceOverride,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { readClock } from '../dialect/dialect.js'
import { allModels } from '../prices/catalogue-models.js'
import { rateCard, tierFor } from '../prices/rate-card.js'
import { indexOverrides, type OverrideIndex, resolveModel } from '../prices/resolve-model.js'
import { listOverrides, listPricesById } from '../stores/prices.js'

/** What identifies a model of the catalogue. */
type Key = Pick<PricedModel, 'model' | 'provider'>

/**
 * Returns a page of the models in the catalogue with their current prices, by name and provider, and the overrides that
 * are in force beside them. The catalogue is part of the program; only the overrides are read from the database.
 * @throws DomainError `invalid_input` for an invalid cursor.
 */
export async function listPricedModels(db: Knex, input: ListPricedModelsInput): Promise<Page<PricedModel>> {
  const { limit, cursor, search = '' } = input
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const rest = catalogue().filter((key) => isFound(key, search) && (!after || inOrder(after, key) < 0))
  const keys = rest.slice(0, limit)
  const at = await readClock(db)
  const index = indexOverrides(await listOverrides(db, at))
  const priceIds = keys.map((key) => matchOf(key, at, index)?.override?.id)
  const overrides = await listPricesById(db, new Set(priceIds.flatMap((id) => id ?? [])))
  const items = keys.map((key, place) => pricedModel(key, at, overrides.get(priceIds[place] ?? 0)))
  const last = keys.at(-1)
  return { items, nextCursor: rest.length > limit && last ? cursorAfter(last) : null }
}

let sorted: readonly Key[] | undefined

function catalogue(): readonly Key[] {
  sorted ??= allModels()
    .map(({ provider, info }) => ({ model: info.id, provider }))
    .sort(inOrder)
  return sorted
}

function inOrder(one: Key, other: Key): number {
  if (one.model !== other.model) return one.model < other.model ? -1 : 1
  return one.provider === other.provider ? 0 : one.provider < other.provider ? -1 : 1
}

function isFound({ model, provider }: Key, search: string): boolean {
  return [model, provider].some((name) => name.toLowerCase().includes(search.toLowerCase()))
}

function matchOf({ model, provider }: Key, at: string, index: OverrideIndex) {
  return resolveModel(model, at, provider, index)
}

const NO_OVERRIDES = indexOverrides([])

function pricedModel(key: Key, at: string, override: PriceOverride | undefined): PricedModel {
  const match = matchOf(key, at, NO_OVERRIDES)
  const rates = match && tierFor(rateCard(match), 0).rates
  const { effectiveFrom = null, effectiveTo = null } = match?.entry ?? {}
  return {
    ...key,
    inputPrice: usd(rates?.input),
    outputPrice: usd(rates?.output),
    cachedPrice: usd(rates?.cachedInput),
    requestPrice: usd(rates?.request) ?? '0',
    effectiveFrom,
    effectiveTo,
    override: override ?? null,
  }
}

const usd = (nano: NanoUsd | null | undefined) => (nano == null ? null : formatUsd(nano))

/** Encodes the cursor, so that callers treat it as opaque. */
function cursorAfter({ model, provider }: Key): string {
  return Buffer.from(JSON.stringify([model, provider])).toString('base64url')
}

function readCursor(cursor: string): Key {
  try {
    const [model, provider] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (typeof model === 'string' && typeof provider === 'string') return { model, provider }
  } catch {}
  throw invalidField('cursor', 'must be the nextCursor of a page')
}
