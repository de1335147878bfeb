import { type NanoUsd, type PriceOverride, type PriceTier, parseUsd, type SetPriceInput } from '@mgx/contract'

/** What a rate is for. Rates are per million tokens; `request` is per request, `search` per thousand searches. */
export type RateKind = keyof typeof FIELDS

export type ServiceTier = keyof PriceOverride['serviceTiers']

/** An override in the form in which it prices calls: parsed once, when it is loaded. */
export type OverrideRule = {
  readonly id: number
  readonly model: string
  readonly aliases: readonly string[]
  /** A glob of further names. */
  readonly pattern: string | null
  readonly effectiveFrom: string
  readonly effectiveTo: string | null
  /** In nano-USD. Null: not given, so it is derived. */
  readonly rates: { readonly [Kind in RateKind]: Kind extends 'input' | 'output' ? NanoUsd : NanoUsd | null }
  /** Ascending. The rates of the last tier that a call's prompt tokens are above replace the override's own. */
  readonly tiers: readonly { readonly above: number; readonly rates: TierRates }[]
  /** Factors in millionths, by which the rates are multiplied. */
  readonly serviceTiers: { readonly [Tier in ServiceTier]?: bigint }
}

type TierRates = { readonly [Kind in RateKind]?: NanoUsd }
type RateField = (typeof FIELDS)[RateKind]

/** The fields of the contract that hold the rates. */
const FIELDS = {
  input: 'inputPrice',
  output: 'outputPrice',
  cachedInput: 'cachedPrice',
  cacheWrite: 'cacheWritePrice',
  cacheWrite1h: 'cacheWrite1hPrice',
  audioInput: 'audioInputPrice',
  cachedAudioInput: 'cachedAudioInputPrice',
  audioOutput: 'audioOutputPrice',
  request: 'requestPrice',
  search: 'searchPrice',
} as const satisfies Record<string, keyof PriceTier>

/** An override as it is stored: null also for a cached price that was not given. */
export type StoredOverride = Omit<PriceOverride, 'cachedPrice'> & { readonly cachedPrice: string | null }

/** Parses a stored override. */
export function overrideRule(stored: StoredOverride): OverrideRule {
  const { id, model, aliases, pattern, effectiveFrom, effectiveTo, tiers, serviceTiers } = stored
  return {
    ...{ id, model, aliases, pattern, effectiveFrom, effectiveTo },
    rates: parsedRates(stored) as OverrideRule['rates'],
    tiers: tiers.map((tier) => ({ above: tier.abovePromptTokens, rates: parsedRates(tier) as TierRates })),
    serviceTiers: Object.fromEntries(
      Object.entries(serviceTiers).map(([tier, factor]) => [tier, BigInt(Math.round((factor ?? 1) * 1e6))]),
    ),
  }
}

function parsedRates(fields: { readonly [Field in RateField]?: string | null | undefined }): object {
  const given = Object.entries(FIELDS).flatMap(([kind, field]) => {
    const amount = fields[field]
    return amount === undefined ? [] : [[kind, amount === null ? null : parseUsd(amount)]]
  })
  return Object.fromEntries(given)
}

/** Returns the rates of an input as they are stored. */
export function storedRates(input: SetPriceInput): Pick<StoredOverride, RateField> {
  const rates = Object.values(FIELDS).map((field) => [field, input[field] ?? null])
  return Object.fromEntries(rates) as Pick<StoredOverride, RateField>
}
