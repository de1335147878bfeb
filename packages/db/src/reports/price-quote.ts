import { DomainError, formatUsd, type NanoUsd, type PriceQuote, type QuotePriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Part, toBreakdown } from '../breakdown.js'
import { readClock } from '../dialect/dialect.js'
import { priceCall } from '../prices/price-call.js'
import { priceRules } from '../prices/price-rules.js'
import { rateCard, tierFor } from '../prices/rate-card.js'
import { resolveModel } from '../prices/resolve-model.js'
import { unitsOfTokens } from '../prices/units.js'
import { listOverrides } from '../stores/prices.js'

/**
 * Returns what a call would cost at an instant, and the rule and rates that this follows from.
 * @throws DomainError `unknown_model`; `invalid_input` when the cost would exceed the largest amount.
 */
export async function quotePrice(db: Knex, { at: asked, ...tokens }: QuotePriceInput): Promise<PriceQuote> {
  const { model, provider, serviceTier, promptTokens } = tokens
  const at = asked ?? (await readClock(db))
  const rules = priceRules(await listOverrides(db, at))
  const usage = { ...tokens, actionType: null, usageSource: 'caller' } as const
  const price = priceCall({ usage, units: unitsOfTokens(tokens), provider, serviceTier }, at, rules)
  if (price instanceof DomainError) throw price
  const match = resolveModel(model, at, provider, rules.index)
  if (!match || !price.calculation) throw new Error(`${model} was priced without a rule`)
  const { override, entry, canonicalModel, matched, by } = match
  const { effectiveFrom = null, effectiveTo = null } = override ?? entry ?? {}
  const { rates } = tierFor(rateCard(match), promptTokens)
  const rate = (part: Part) => usd(rates[part])
  const source = override ? 'override' : 'catalogue'
  return {
    totalCost: formatUsd(price.amount),
    source,
    rule: { model: match.model, matched, by, priceId: override?.id ?? null },
    canonicalModel,
    breakdown: toBreakdown(price.calculation),
    unpriced: [...price.unpriced],
    priceSource: source,
    provider: override ? null : (entry?.provider ?? null),
    model: match.model,
    inputPrice: rate('input'),
    outputPrice: rate('output'),
    cachedPrice: rate('cachedInput'),
    requestPrice: rate('request') ?? '0',
    effectiveFrom,
    effectiveTo,
    at,
  }
}

const usd = (nano: NanoUsd | null) => (nano === null ? null : formatUsd(nano))
