import { ServiceTier } from '@mgx/contract'
import type { ChargedTier } from '../breakdown.js'
import type { Body } from './body-form.js'

/** What a response body says was charged in addition to tokens, outside its usage object. */
export type ChargedItems = { searches: number; fileSearches: number; unpriced: string[] }

/** Items in the `output` of an OpenAI response that are charged, but for which no rate is known. */
const UNPRICED_CALLS: ReadonlyMap<unknown, string> = new Map([
  ['code_interpreter_call', 'codeInterpreter'],
  ['image_generation_call', 'imageGeneration'],
])

/**
 * Counts the searches in a response body. OpenAI charges for a `web_search_call` whose action is a search, not for
 * opening a page or finding text in it (https://platform.openai.com/docs/guides/tools-web-search). Google charges for
 * each query of a Gemini 3 model, and once per grounded response of an earlier one
 * (https://ai.google.dev/gemini-api/docs/google-search).
 */
export function chargedItems(body: Body): ChargedItems {
  const items = objectsIn(body.output)
  const searches = items.filter(({ type, action }) => type === 'web_search_call' && isSearch(action)).length
  const fileSearches = items.filter(({ type }) => type === 'file_search_call').length
  const unpriced = items.flatMap(({ type }) => UNPRICED_CALLS.get(type) ?? [])
  return { searches: searches + groundedSearches(body), fileSearches, unpriced: [...new Set(unpriced)] }
}

function isSearch(action: unknown): boolean {
  const type = objectOf(action).type
  return type === undefined || type === 'search'
}

function groundedSearches({ candidates, modelVersion }: Body): number {
  const queries = objectsIn(candidates).flatMap(({ groundingMetadata }) => {
    const { webSearchQueries } = objectOf(groundingMetadata)
    return Array.isArray(webSearchQueries) ? webSearchQueries : []
  })
  const isByQuery = /gemini-([3-9]|\d\d)/.test(String(modelVersion))
  return isByQuery ? queries.length : Math.min(queries.length, 1)
}

/**
 * Returns the surcharges that a usage object reports, whose factors are not known: Anthropic's for inference in the US
 * only, and for its fast mode (https://platform.claude.com/docs/en/about-claude/pricing).
 */
export function surcharges(usage: Body): string[] {
  return [usage.inference_geo === 'us' ? 'inferenceGeo' : [], usage.speed === 'fast' ? 'speed' : []].flat()
}

/** What providers call processing at the standard rates. */
const STANDARD = new Set(['standard', 'default', 'auto', 'on_demand', 'scale', 'reserved', 'traffic_type_unspecified'])

/**
 * Returns the service tier that a body or its usage object reports; null for the standard one, or if it reports none.
 * Vertex reports it as the type of traffic, such as `ON_DEMAND_FLEX`.
 */
export function reportedTier(body: Body, usage: Body): ChargedTier | null {
  const traffic = usage.trafficType ?? objectOf(body.usageMetadata).trafficType
  const named = usage.service_tier ?? body.service_tier ?? objectOf(body.serviceTier).type ?? traffic
  if (typeof named !== 'string' || named === '') return null
  const tier = named.toLowerCase()
  if (STANDARD.has(tier)) return null
  const known = ServiceTier.safeParse(tier.replace(/^on_demand_/, ''))
  return known.success ? known.data : 'other'
}

function objectsIn(value: unknown): Body[] {
  return Array.isArray(value) ? value.map(objectOf) : []
}

function objectOf(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}
