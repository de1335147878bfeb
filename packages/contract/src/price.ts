import { z } from 'zod'
import { Breakdown, PriceSource, unpriced } from './cost-record.js'
import {
  id,
  idempotencyKey,
  instant,
  instantInput,
  model,
  optionalText,
  refusing,
  text,
  usd,
  usdInput,
} from './fields.js'
import { pageInput } from './page.js'
import { tokenFields, withTokenParts } from './usage.js'

/** The rates an override may give, with their units. */
const RATES = {
  inputPrice: 'USD per million prompt tokens.',
  outputPrice: 'USD per million completion tokens.',
  cachedPrice: 'USD per million prompt tokens read from the cache.',
  cacheWritePrice: 'USD per million prompt tokens written to the cache for five minutes.',
  cacheWrite1hPrice: 'USD per million prompt tokens written to the cache for an hour.',
  audioInputPrice: 'USD per million prompt tokens of audio.',
  cachedAudioInputPrice: 'USD per million prompt tokens of audio read from the cache.',
  audioOutputPrice: 'USD per million completion tokens of audio.',
  requestPrice: 'USD per request, regardless of its tokens.',
  searchPrice: 'USD per thousand searches.',
}
type Rate = keyof typeof RATES

/** Returns a field for every rate; `note` is added to its description. */
function rateFields<Field extends z.ZodType>(field: Field, note = ''): Record<Rate, Field> {
  const fields = Object.entries(RATES).map(([name, unit]) => [name, field.describe(`${unit}${note}`)])
  return Object.fromEntries(fields) as Record<Rate, Field>
}

const abovePromptTokens = z.int().positive().describe('The tier holds for calls with more prompt tokens than this.')

/** The rates that replace an override's own for calls with many prompt tokens. A rate that is absent is not replaced. */
export const PriceTier = z
  .object({ abovePromptTokens, ...rateFields(usd.optional()) })
  .meta({ id: 'PriceTier', description: 'Rates of calls with many prompt tokens. An absent rate is not replaced.' })
export type PriceTier = z.infer<typeof PriceTier>

const serviceTiersOf = <Factor extends z.ZodType>(factor: Factor) => ({
  batch: factor.optional(),
  flex: factor.optional(),
  priority: factor.optional(),
})

/** The factors on an override's token rates for calls in a service tier. A tier that is absent has no factor. */
export const ServiceTierFactors = z.object(serviceTiersOf(z.number())).meta({ id: 'ServiceTierFactors' })
export type ServiceTierFactors = z.infer<typeof ServiceTierFactors>

/** A price an admin set for a model; overrides the catalogue while in effect. */
export const PriceOverride = z
  .object({
    id,
    model: z.string(),
    aliases: z.array(z.string()).meta({ kind: 'json', description: 'Other names of the model.' }),
    pattern: z.string().nullable().describe('A glob (`*` stands for any text) of further names; null for none.'),
    ...rateFields(usd.nullable(), ' Null: derived, because it was not given.'),
    inputPrice: usd.describe(RATES.inputPrice),
    outputPrice: usd.describe(RATES.outputPrice),
    cachedPrice: usd.describe(`${RATES.cachedPrice} Derived unless it was given.`),
    tiers: z.array(PriceTier).meta({ kind: 'json', description: 'Ascending by abovePromptTokens.' }),
    serviceTiers: ServiceTierFactors.meta({ kind: 'json' }),
    effectiveFrom: instant.describe('In effect from this instant on.'),
    effectiveTo: instant.nullable().describe('In effect until this instant; null while it has no end.'),
    createdAt: instant,
  })
  .meta({ id: 'PriceOverride' })
export type PriceOverride = z.infer<typeof PriceOverride>

export const QuotePriceInput = withTokenParts(
  z.strictObject({
    ...tokenFields,
    at: instantInput.optional().describe('ISO-8601; when the call is made. Defaults to now.'),
  }),
)
export type QuotePriceInput = z.infer<typeof QuotePriceInput>

/** Which rule prices a model name, and how it matched. */
export const PriceRule = z
  .object({
    model: z.string().describe('The model of the override, or its name in the catalogue.'),
    matched: z.string().describe('The name, alias or pattern that matched.'),
    by: z
      .enum(['name', 'alias', 'date', 'prefix', 'pattern'])
      .describe(
        'How the called name matched. `name`: as it is. `date`: without its date or version. `prefix`: without the prefix of a gateway. `alias`: as another name that the override or the catalogue lists. `pattern`: by a pattern of the override.',
      ),
    priceId: id.nullable().describe('The override; null for the catalogue.'),
  })
  .meta({ id: 'PriceRule' })

/** What a call costs at an instant, and why. Prices are USD per million tokens. */
export const PriceQuote = z
  .object({
    totalCost: usd.describe('USD; the cost that would be recorded for the call.'),
    source: PriceSource.extract(['catalogue', 'override']),
    rule: PriceRule,
    canonicalModel: z.string().describe('The name of the model without date and gateway.'),
    breakdown: Breakdown,
    unpriced,
    priceSource: PriceSource.extract(['catalogue', 'override']).describe('The same as `source`.'),
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

const optionalRates = rateFields(usdInput.optional())

const factor = z
  .number()
  .positive()
  .max(100)
  .refine((value) => Math.round(value * 1e6) / 1e6 === value, 'must have at most six decimals')
  .describe('Multiplies the rates of tokens; requests and searches cost the same in every tier. At most six decimals.')

export const ServiceTierFactorsInput = z.strictObject(serviceTiersOf(factor)).meta({ id: 'ServiceTierFactorsInput' })

export const PriceTierInput = z
  .strictObject({ abovePromptTokens, ...optionalRates })
  .refine(({ abovePromptTokens: _, ...rates }) => Object.values(rates).some((rate) => rate !== undefined), {
    error: 'must give at least one rate',
  })
  .meta({ id: 'PriceTierInput', description: 'Rates of calls with many prompt tokens. At least one.' })

const tiersInput = z
  .array(PriceTierInput)
  .max(10)
  .superRefine((tiers, context) =>
    requireUnique(
      tiers.map((tier) => tier.abovePromptTokens),
      (index) => context.addIssue({ code: 'custom', path: [index, 'abovePromptTokens'], message: 'must be unique' }),
    ),
  )
  .transform((tiers) => tiers.toSorted((one, other) => one.abovePromptTokens - other.abovePromptTokens))

export const SetPriceInput = z
  .strictObject({
    model: text(200).meta({
      description:
        'The name of the model. The price also holds for its dated names and for names with the prefix of a gateway.',
      examples: ['my-own-model'],
    }),
    aliases: z
      .array(text(200))
      .max(50)
      .optional()
      .describe('Other names of the model that the price holds for. Case does not matter.'),
    pattern: text(200)
      .superRefine(refusing(patternProblem))
      .optional()
      .describe(
        'A glob of further names that the price holds for: `*` stands for any text. Must not match every name.',
      ),
    ...optionalRates,
    inputPrice: usdInput.meta({ description: RATES.inputPrice, examples: ['2.5'] }),
    outputPrice: usdInput.meta({ description: RATES.outputPrice, examples: ['10'] }),
    cachedPrice: usdInput
      .optional()
      .describe(
        `${RATES.cachedPrice} A rate that is not given is derived from inputPrice or outputPrice by the catalogue's ratio for the model; where it has none, it is inputPrice or outputPrice.`,
      ),
    tiers: tiersInput
      .optional()
      .describe(
        'Rates that replace the other ones for calls with many prompt tokens; at most 10 tiers. A rate that a tier does not give is not replaced.',
      ),
    serviceTiers: ServiceTierFactorsInput.optional().describe(
      'Factors on the rates of tokens for calls in a service tier. Default to the share that the provider publishes.',
    ),
    effectiveFrom: instantInput.optional().describe('ISO-8601; when the price takes effect. Defaults to now.'),
    effectiveTo: instantInput
      .nullish()
      .describe('ISO-8601; when the price ends. Without it, when the next price takes effect.'),
    idempotencyKey: idempotencyKey.optional(),
  })
  .superRefine(({ model, aliases = [] }, context) =>
    requireUnique([model, ...aliases].map(folded), (index) =>
      context.addIssue({
        code: 'custom',
        path: ['aliases', index - 1],
        message: 'must not repeat the model or another alias, regardless of case',
      }),
    ),
  )
export type SetPriceInput = z.infer<typeof SetPriceInput>

const folded = (name: string) => name.toLowerCase()

function patternProblem(pattern: string): string | undefined {
  if (!pattern.includes('*')) return 'must contain a `*`; a name without one is an alias'
  if (/^\**$/.test(pattern)) return 'must contain more than `*`, or it would match every name'
  return undefined
}

/** Calls `report` with the index of every value that an earlier one equals. */
function requireUnique(values: readonly (string | number)[], report: (index: number) => void): void {
  for (const [index, value] of values.entries()) if (values.indexOf(value) < index) report(index)
}

/** A model name for which calls were refused because it has no price. */
export const UnknownModel = z
  .object({
    model: z.string(),
    provider: z.string().nullable().describe('The provider that the calls named.'),
    calls: z.int().positive().describe('How many calls were refused.'),
    lastSeenAt: instant,
  })
  .meta({ id: 'UnknownModel' })
export type UnknownModel = z.infer<typeof UnknownModel>

export const ListUnknownModelsInput = z.strictObject(pageInput).prefault({})
export type ListUnknownModelsInput = z.infer<typeof ListUnknownModelsInput>

export const RepriceInput = z.strictObject({
  from: instantInput.meta({
    description: 'ISO-8601; records created at or after this instant.',
    examples: ['2026-11-01T00:00:00Z'],
  }),
  to: instantInput.optional().describe('ISO-8601; records created before this instant. Defaults to now.'),
  model: model.optional().describe('Only records of this model, by the name that was recorded or the canonical one.'),
  projectId: id.optional(),
  dryRun: z.boolean().default(false).describe('Returns what would change, and changes nothing.'),
  ...pageInput,
})
export type RepriceInput = z.infer<typeof RepriceInput>

/** A cost record that differs from what the price in force at its time gives. */
export const RepricedRecord = z
  .object({
    recordId: id,
    projectId: id,
    model: z.string(),
    createdAt: instant,
    recordedCost: usd.describe('USD; the cost with earlier corrections.'),
    repricedCost: usd.describe('USD; the cost by the price that was in force.'),
    difference: usd.describe('USD; repricedCost - recordedCost.'),
    adjustmentId: id.nullable().describe('The adjustment that corrects the record; null in a dry run.'),
  })
  .meta({ id: 'RepricedRecord' })
export type RepricedRecord = z.infer<typeof RepricedRecord>

export const RepriceOutput = z.object({
  items: z.array(RepricedRecord).describe('Newest first.'),
  difference: usd.describe('USD; the sum of the differences of this page.'),
  nextCursor: z
    .string()
    .nullable()
    .describe('Pass it as `cursor` to continue with older records. A page can be empty although more follow.'),
})
export type RepriceOutput = z.infer<typeof RepriceOutput>
