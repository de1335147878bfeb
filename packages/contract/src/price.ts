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

/** A price an admin set for a model; overrides the catalogue while in effect. Prices are USD per million tokens. */
export const PriceOverride = z
  .object({
    id,
    model: z.string(),
    inputPrice: usd.describe('USD per million prompt tokens.'),
    outputPrice: usd.describe('USD per million completion tokens.'),
    cachedPrice: usd.describe('USD per million prompt tokens read from the cache.'),
    effectiveFrom: instant.describe('In effect from this instant on.'),
    effectiveTo: instant.nullable().describe('In effect until this instant; null while it has no end.'),
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
    at: instantInput.optional().describe('ISO-8601; when the call is made. Defaults to now.'),
  }),
)
export type QuotePriceInput = z.infer<typeof QuotePriceInput>

/** What a call costs at an instant, and why. Prices are USD per million tokens. */
export const PriceQuote = z
  .object({
    totalCost: usd.describe('USD; the cost that would be recorded for the call.'),
    priceSource: PriceSource.extract(['catalogue', 'override']),
    provider: z.string().nullable().describe("The provider's name in the catalogue; null for an override."),
    model: z.string().describe('The model whose price applies; the catalogue may know a model by several names.'),
    inputPrice: usd.nullable().describe('USD per million prompt tokens. Null: no price is known for them.'),
    outputPrice: usd.nullable().describe('USD per million completion tokens. Null: no price is known for them.'),
    cachedPrice: usd.nullable().describe('USD per million prompt tokens read from the cache.'),
    requestPrice: usd.describe('USD for the call itself, regardless of its tokens.'),
    effectiveFrom: instant.nullable().describe('When the price took effect, if known.'),
    effectiveTo: instant.nullable().describe('When the price ends, if known.'),
    at: instant.describe('The instant the call was priced for.'),
  })
  .meta({ id: 'PriceQuote' })
export type PriceQuote = z.infer<typeof PriceQuote>

export const ListPricesInput = z.strictObject({ model: optionalText(200).optional(), ...pageInput }).prefault({})
export type ListPricesInput = z.infer<typeof ListPricesInput>

export const SetPriceInput = z.strictObject({
  model: text(200).meta({ description: 'The model name exactly as calls use it.', examples: ['my-own-model'] }),
  inputPrice: usdInput.meta({ description: 'USD per million prompt tokens.', examples: ['2.5'] }),
  outputPrice: usdInput.meta({ description: 'USD per million completion tokens.', examples: ['10'] }),
  cachedPrice: usdInput
    .optional()
    .describe('USD per million prompt tokens read from the cache. Defaults to inputPrice.'),
  effectiveFrom: instantInput.optional().describe('ISO-8601; when the price takes effect. Defaults to now.'),
  effectiveTo: instantInput
    .nullish()
    .describe('ISO-8601; when the price ends. Without it, when the next price takes effect.'),
  idempotencyKey: idempotencyKey.optional(),
})
export type SetPriceInput = z.infer<typeof SetPriceInput>
