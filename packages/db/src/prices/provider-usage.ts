import { type DomainError, invalidField, type ServiceTier, tokenFields, type UsageProvider } from '@mgx/contract'
import { extractUsage, type Usage as ReportedUsage } from '@pydantic/genai-prices'
import { extractorOf } from './body-extractor.js'
import { type Body, objectIn } from './body-form.js'
import { type ChargedItems, chargedItems, reportedTier, surcharges } from './charged-items.js'
import type { CallToPrice } from './price-call.js'
import { type Counts, type Misfit, unitsOf } from './units.js'
import { countPath, pathOfCount, requireCounts } from './usage-counts.js'

/** The library's names for the counts that must fit into others. */
const reportedNames: Record<Misfit, string> = {
  cachedInput: 'cache_read_tokens',
  cacheWrite: 'cache_write_tokens',
  cacheWrite1h: 'cache_write_1h_tokens',
  reasoning: 'output_reasoning_tokens',
  audioInput: 'input_audio_tokens',
  imageInput: 'input_image_tokens',
  videoInput: 'input_video_tokens',
  cachedAudioInput: 'cache_audio_read_tokens',
  cachedImageInput: 'cache_image_read_tokens',
  cachedVideoInput: 'cache_video_read_tokens',
  audioOutput: 'output_audio_tokens',
  imageOutput: 'output_image_tokens',
  videoOutput: 'output_video_tokens',
}

/** A call with what its provider reported: the response body, or the usage object alone. */
export type ReportedCall = {
  provider: UsageProvider
  model?: string | undefined
  serviceTier?: ServiceTier | undefined
  actionType?: string | null | undefined
} & ({ response: Body } | { usage: Body })

/**
 * Reads the model call from a provider's response body, or from its usage object. Prompt tokens include those read from
 * and written to the provider's cache, whether or not the provider counts them that way.
 * @throws DomainError `invalid_input` with the path of the bad value, or `model` when the model is missing.
 */
export function readUsage(call: ReportedCall): CallToPrice {
  const isWhole = 'response' in call
  const body: Body = isWhole ? call.response : { usage: call.usage }
  const within = isWhole ? ['response'] : []
  const { extractor, provider } = extractorOf(call.provider, body, { isWhole, within })
  requireCounts(extractor, body, within)
  const { model: named, usage: reported } = extractUsage(provider, body, extractor.api_flavor)
  const given = isGateway(call.provider) ? (call.model ?? named) : (named ?? call.model)
  const model = requireModel(given ?? undefined, given === named ? [...within, extractor.model_path].flat() : ['model'])
  const pathOf = (name: string) => pathOfCount(extractor, body, name, within) ?? countPath(within)
  const items = isWhole ? chargedItems(body) : NO_ITEMS
  const counts = countsOf(reported, items, pathOf)
  const units = unitsOf(counts)
  if (typeof units === 'string') throw misfit(reportedNames[units], pathOf)
  const usage = objectIn(body, 'usage')
  return {
    usage: {
      model,
      promptTokens: counts.prompt,
      completionTokens: counts.completion,
      cachedPromptTokens: counts.cached,
      actionType: call.actionType ?? null,
      usageSource: 'provider',
    },
    units,
    provider: call.provider,
    serviceTier: call.serviceTier ?? reportedTier(body, usage),
    unpriced: [...items.unpriced, ...surcharges(usage)],
    reported,
  }
}

type PathOf = (reportedName: string) => string

const NO_ITEMS: ChargedItems = { searches: 0, fileSearches: 0, unpriced: [] }

/** Bedrock's bodies name the maker's model, but the price depends on the id that was called. */
function isGateway(provider: UsageProvider): boolean {
  return provider === 'bedrock' || provider === 'aws'
}

function requireModel(name: string | undefined, path: readonly unknown[]): string {
  if (name === undefined) throw invalidField('model', 'is required: the response does not name the model')
  const parsed = tokenFields.model.safeParse(name)
  if (parsed.success) return parsed.data
  throw invalidField(countPath(path), parsed.error.issues[0]?.message ?? 'must be a model name')
}

/** @throws DomainError `invalid_input` when the parts of a count exceed it, or a sum of counts exceeds 2^53 - 1. */
function countsOf(reported: ReportedUsage, items: ChargedItems, pathOf: PathOf): Counts {
  const count = (name: string) => reported[name] ?? 0
  for (const name of ['input_tokens', 'output_tokens']) {
    if (!Number.isSafeInteger(count(name))) throw invalidField(pathOf(name), 'the sum of the counts is too large')
  }
  const written = count('cache_write_tokens')
  const [write5m, write1h] = [count('cache_write_5m_tokens'), count('cache_write_1h_tokens')]
  if (write5m + write1h > written) {
    throw misfit(write1h > write5m ? 'cache_write_1h_tokens' : 'cache_write_5m_tokens', pathOf)
  }
  const hasModalities = MODALITIES.some((each) => reported[`cache_${each}_read_tokens`] !== undefined)
  const modality = (name: string) => {
    const cached = reported[`cache_${name}_read_tokens`] ?? (hasModalities ? 0 : undefined)
    const [prompt, completion] = [count(`input_${name}_tokens`), count(`output_${name}_tokens`)]
    return { prompt, completion, ...(cached !== undefined && { cached }) }
  }
  return {
    prompt: count('input_tokens'),
    completion: count('output_tokens'),
    cached: count('cache_read_tokens'),
    cacheWrite: written - write1h,
    cacheWrite1h: write1h,
    reasoning: count('output_reasoning_tokens'),
    audio: modality('audio'),
    image: modality('image'),
    video: modality('video'),
    searches: count('web_searches') + items.searches,
    fileSearches: items.fileSearches,
  }
}

const MODALITIES = ['text', 'audio', 'image', 'video']

function misfit(name: string, pathOf: PathOf): DomainError {
  return invalidField(pathOf(name), `${name} must not be more than the tokens that they are part of`)
}
