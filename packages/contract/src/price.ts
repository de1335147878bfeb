import { z } from 'zod'
import { PriceSource, withCachedTokens } from './cost-record.js'
import {
  completionTokens,
  id,
  idempotencyKey,
  instant,
  instantInput,
  model,
  optionalText,
  promptTokens,
  text,
  tokens,
  usd,
  usdInput,
} from './fields.js'
import { pageInput } from './page.js'

/** Our own price of a model, which goes before the catalogue's while it is in force. Prices are USD a million tokens. */
export const PriceOverride = z
  .object({
    id,
    model: z.string(),
    inputPrice: usd.describe('USD a million prompt tokens.'),
    outputPrice: usd.describe('USD a million completion tokens.'),
    cachedPrice: usd.describe('USD a million prompt tokens that came from the cache.'),
    effectiveFrom: instant.describe('In force from this instant on.'),
    effectiveTo: instant.nullable().describe('In force until this instant; null while no end is known.'),
    createdAt: instant,
  })
  .meta({ id: 'PriceOverride' })
export type PriceOverride = z.infer<typeof PriceOverride>

export const QuotePriceInput = withCachedTokens(
  z.strictObject({
    model,
    promptTokens,
    completionTokens,
    cachedPromptTokens: tokens.default(0).describe('How many of the prompt tokens come from the cache.'),
    at: instantInput.optional().describe('ISO-8601; when the call is made. Without it, now.'),
  }),
)
export type QuotePriceInput = z.infer<typeof QuotePriceInput>

/** What a call costs at an instant, and why. Prices are USD a million tokens. */
export const PriceQuote = z
  .object({
    totalCost: usd.describe('USD; what the call would be recorded with.'),
    priceSource: PriceSource.extract(['catalogue', 'override']),
    provider: z.string().nullable().describe("The catalogue's name of the provider; null with an override."),
    model: z.string().describe('The model whose price it is: the catalogue knows one by several names.'),
    inputPrice: usd.nullable().describe('USD a million prompt tokens. Null: no price is known for them.'),
    outputPrice: usd.nullable().describe('USD a million completion tokens. Null: no price is known for them.'),
    cachedPrice: usd.nullable().describe('USD a million prompt tokens from the cache.'),
    requestPrice: usd.describe('USD for the call itself, whatever its tokens.'),
    effectiveFrom: instant.nullable().describe('Since when this is the price, where that is known.'),
    effectiveTo: instant.nullable().describe('Until when, where an end is known.'),
    at: instant.describe('The instant it was priced for.'),
  })
  .meta({ id: 'PriceQuote' })
export type PriceQuote = z.infer<typeof PriceQuote>

export const ListPricesInput = z.strictObject({ model: optionalText(200).optional(), ...pageInput }).prefault({})
export type ListPricesInput = z.infer<typeof ListPricesInput>

export const SetPriceInput = z.strictObject({
  model: text(200).meta({ description: 'The model exactly as calls name it.', examples: ['my-own-model'] }),
  inputPrice: usdInput.meta({ description: 'USD a million prompt tokens.', examples: ['2.5'] }),
  outputPrice: usdInput.meta({ description: 'USD a million completion tokens.', examples: ['10'] }),
  cachedPrice: usdInput.optional().describe('USD a million prompt tokens from the cache; without it, inputPrice.'),
  effectiveFrom: instantInput.optional().describe('ISO-8601; in force from then on. Without it, now.'),
  effectiveTo: instantInput.nullish().describe('ISO-8601; in force until then. Without it, until another follows.'),
  idempotencyKey: idempotencyKey.optional(),
})
export type SetPriceInput = z.infer<typeof SetPriceInput>
