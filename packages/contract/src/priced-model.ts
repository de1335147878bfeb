import { z } from 'zod'
import { instant, text, usd } from './fields.js'
import { pageInput } from './page.js'
import { PriceOverride } from './price.js'

export const ListPricedModelsInput = z
  .strictObject({
    search: text(200)
      .optional()
      .describe('Only models whose name, or whose provider, contains this text, ignoring case.'),
    ...pageInput,
    // Longer than other cursors: it contains the names of the last model and its provider.
    cursor: z.string().max(1_000).optional().describe('`nextCursor` of the previous page.'),
  })
  .prefault({})
export type ListPricedModelsInput = z.infer<typeof ListPricedModelsInput>

const rate = (what: string) => usd.nullable().describe(`USD ${what}. Null: no rate is known.`)

/** A model of the catalogue at a provider, with its current price and the override that is in force beside it. */
export const PricedModel = z
  .object({
    provider: z.string().describe("The provider's name in the catalogue."),
    model: z.string().describe("The model's name in the catalogue."),
    inputPrice: rate('per million prompt tokens'),
    outputPrice: rate('per million completion tokens'),
    cachedPrice: rate('per million prompt tokens read from the cache'),
    requestPrice: usd.describe('USD per request, regardless of its tokens.'),
    effectiveFrom: instant.nullable().describe("When the catalogue's price took effect, if known."),
    effectiveTo: instant.nullable().describe("When the catalogue's price ends, if known."),
    override: PriceOverride.nullable().describe(
      'The override that prices calls of the model at this provider instead; null when there is none.',
    ),
  })
  .meta({
    id: 'PricedModel',
    description:
      'A model of the catalogue at a provider, with its current price there, that of calls with few prompt tokens, and the override in force beside it.',
  })
export type PricedModel = z.infer<typeof PricedModel>
