import { divideHalfEven, type NanoUsd, nanoFromNumber } from '@mgx/contract'
import type { ModelPrice } from '@pydantic/genai-prices'
import { type Part, parts } from '../breakdown.js'
import type { OverrideRule } from './override-rule.js'
import type { Match } from './resolve-model.js'

/** The rates that a price list gives, in nano-USD. */
export type NamedRates = { readonly [part in Part]?: NanoUsd }

/** The rate of every part, in nano-USD; null for one that has none. */
export type Rates = Readonly<Record<Part, NanoUsd | null>>

/** The rates for calls with more prompt tokens than `above`, up to those of the next tier. */
export type RateTier = { readonly above: number; readonly rates: Rates }

/** The rates of a model, in tiers by prompt tokens, ascending, the first for every call. */
export type RateCard = readonly RateTier[]

/** Cards are kept as long as what they were made from, because every call asks for one. */
const cards = new WeakMap<object, WeakMap<ModelPrice, WeakMap<ModelPrice, RateCard>>>()
const NO_PRICES: ModelPrice = {}

/** Returns the rates by which a matched call is charged. */
export function rateCard({ override, entry, makerEntry }: Match): RateCard {
  const maker = makerEntry?.prices ?? NO_PRICES
  const prices = entry?.prices ?? (override ? maker : NO_PRICES)
  const ofOverride = keptIn(
    cards,
    override ?? NO_PRICES,
    () => new WeakMap<ModelPrice, WeakMap<ModelPrice, RateCard>>(),
  )
  const ofPrices = keptIn(ofOverride, prices, () => new WeakMap<ModelPrice, RateCard>())
  return keptIn(ofPrices, maker, () =>
    override ? overrideCard(override, prices, maker) : catalogueCard(prices, maker),
  )
}

function keptIn<Key extends object, Value>(kept: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const known = kept.get(key)
  if (known !== undefined) return known
  const made = make()
  kept.set(key, made)
  return made
}

/** Returns the tier for a call with this many prompt tokens. */
export function tierFor(card: RateCard, promptTokens: number): RateTier {
  let found = card[0]
  for (const tier of card) if (promptTokens > tier.above) found = tier
  if (!found) throw new Error('a rate card has no tier')
  return found
}

const partOfKey: Record<string, Part> = {
  input_mtok: 'input',
  input_image_mtok: 'imageInput',
  input_video_mtok: 'videoInput',
  cache_read_mtok: 'cachedInput',
  cache_image_read_mtok: 'cachedImageInput',
  cache_video_read_mtok: 'cachedVideoInput',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'audioInput',
  cache_audio_read_mtok: 'cachedAudioInput',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  output_image_mtok: 'imageOutput',
  output_video_mtok: 'videoOutput',
  output_audio_mtok: 'audioOutput',
  requests_kcount: 'request',
  web_searches_kcount: 'search',
  storage_searches_kcount: 'fileSearch',
}

/** A gateway may list one rate for cache writes only. The rate for an hour then has the maker's ratio to the input rate. */
function catalogueCard(prices: ModelPrice, maker: ModelPrice): RateCard {
  const reference = named(maker, 0)
  return startsOf(prices).map((above) => {
    const own = named(prices, above)
    const hour = own.cacheWrite === undefined ? undefined : (own.cacheWrite1h ?? scaled('cacheWrite1h', own, reference))
    return { above, rates: completed({ ...own, ...(hour !== undefined && { cacheWrite1h: hour }) }) }
  })
}

/**
 * A rate that the override does not name follows its input or output rate, as in the catalogue; where a gateway's entry
 * lacks the rate, as in the maker's.
 */
function overrideCard({ rates, tiers }: OverrideRule, catalogue: ModelPrice, maker: ModelPrice): RateCard {
  const [reference, makersReference] = [named(catalogue, 0), named(maker, 0)]
  return [{ above: -1, rates: {} }, ...tiers].map(({ above, rates: changed }) => {
    const own = defined({ ...rates, ...changed })
    const derivedRate = (part: Part) => scaled(part, own, reference) ?? scaled(part, own, makersReference)
    const derived = Object.fromEntries(Object.keys(parts).map((part) => [part, derivedRate(part as Part)]))
    const { request = 0n, search, fileSearch = own.search ?? search } = reference
    const flat = { request, ...(search !== undefined && { search }), ...(fileSearch !== undefined && { fileSearch }) }
    return {
      above,
      rates: completed({ ...defined({ cacheWrite1h: own.input }), ...flat, ...defined(derived), ...own }),
    }
  })
}

/** Returns the rate that has the same ratio to the input or output rate as in the reference, if it has one. */
function scaled(part: Part, own: NamedRates, reference: NamedRates): NanoUsd | undefined {
  const base = baseOf(part)
  if (base === undefined) return undefined
  const { [part]: rate, [base]: referenceBase } = reference
  const ownBase = own[base]
  if (rate === undefined || !referenceBase || ownBase === undefined) return undefined
  return divideHalfEven(ownBase * rate, referenceBase)
}

function baseOf(part: Part): 'input' | 'output' | undefined {
  if (parts[part].scale !== 1n) return undefined
  return parts[part].kind === 'output' || parts[part].kind === 'audioOutput' ? 'output' : 'input'
}

function completed(own: NamedRates): Rates {
  const { input = null, output = null } = own
  const { cachedInput = input, cacheWrite = input } = own
  return {
    input,
    imageInput: input,
    videoInput: input,
    cachedInput,
    cachedImageInput: cachedInput,
    cachedVideoInput: cachedInput,
    cacheWrite,
    cacheWrite1h: cacheWrite,
    audioInput: input,
    cachedAudioInput: cachedInput,
    output,
    reasoning: output,
    imageOutput: output,
    videoOutput: output,
    audioOutput: output,
    request: 0n,
    search: null,
    fileSearch: null,
    ...own,
  }
}

/** Returns the prompt tokens above which the tiers of these prices begin, ascending; the first is below zero. */
function startsOf(prices: ModelPrice): number[] {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
  )
  return [-1, ...new Set(starts)].sort((a, b) => a - b)
}

/** Returns the rates that the catalogue gives for calls with more prompt tokens than `above`. */
function named(prices: ModelPrice, above: number): NamedRates {
  return Object.fromEntries(
    Object.entries(prices).flatMap(([key, price]) => {
      const part = partOfKey[key]
      if (!part || price === undefined) return []
      const rate = nanoFromNumber(typeof price === 'number' ? price : tierPrice(price, above))
      // The catalogue's rate is for a thousand requests.
      return [[part, part === 'request' ? rate / 1_000n : rate]]
    }),
  )
}

function tierPrice({ base, tiers }: Exclude<ModelPrice[string], number | undefined>, above: number): number {
  const [tier] = tiers.filter(({ start }) => start <= above).sort((a, b) => b.start - a.start)
  return tier?.price ?? base
}

function defined(rates: { readonly [part in Part]?: NanoUsd | null | undefined }): NamedRates {
  return Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate != null))
}
