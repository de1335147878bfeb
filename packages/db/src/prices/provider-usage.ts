import { CallUsage, type DomainError, invalidField, type RecordUsageInput, type UsageProvider } from '@mgx/contract'
import { extractUsage, findProvider, type UsageExtractor } from '@pydantic/genai-prices'
import type { CallToPrice } from './price-call.js'
import { pathInResponse, pathOfCount, requireCounts } from './usage-counts.js'

type Body = Readonly<Record<string, unknown>>

/** Returns the library's name for the form of a body, by the fields in which a provider's forms differ. */
const forms: Record<UsageProvider, (body: Body, usage: Body) => string> = {
  anthropic: () => 'default',
  google: () => 'default',
  openai(body, usage) {
    if (body.object === 'list' && usage.completion_tokens == null) return 'embeddings'
    if ('prompt_tokens' in usage) return 'chat'
    return 'image_tokens' in objectIn(usage, 'input_tokens_details') ? 'images' : 'responses'
  },
}

/** Counts that are priced as plain tokens, or not at all. */
const PLAIN = new Set(['input_tokens', 'output_tokens', 'cache_read_tokens'])

/** The library's names for the token counts of a call. */
const kinds = {
  promptTokens: 'input_tokens',
  completionTokens: 'output_tokens',
  cachedPromptTokens: 'cache_read_tokens',
} as const

/**
 * Reads the model call from a provider's response body. Prompt tokens include those read from and written to the
 * provider's cache, whether or not the provider counts them that way.
 * @throws DomainError `invalid_input` with the path of the bad value in `response`, or `model` when the model is
 *   missing.
 */
export function readUsage({ provider: providerId, response, model, actionType }: RecordUsageInput): CallToPrice {
  const provider = findProvider({ providerId })
  const form = forms[providerId](response, objectIn(response, 'usage'))
  const extractor = provider?.extractors?.find(({ api_flavor: name }) => name === form)
  if (!provider || !extractor) throw new Error(`the catalogue does not read the form ${form} of ${providerId}`)
  requireCounts(extractor, response)
  const extracted = extractUsage(provider, response, form)
  const { input_tokens: promptTokens, output_tokens: completionTokens = 0, cache_read_tokens: cached } = extracted.usage
  const named = extracted.model ?? model
  if (named === undefined) throw invalidField('model', 'is required: the response does not name the model')
  const parsed = CallUsage.safeParse({ model: named, promptTokens, completionTokens, cachedPromptTokens: cached ?? 0 })
  const pathOf = (kind: string) => pathOfCount(extractor, response, kind)
  if (!parsed.success) throw refusalOf(extractor, pathOf, parsed.error.issues)
  const hasDetails = Object.entries(extracted.usage).some(([name, count]) => !PLAIN.has(name) && count)
  const usage = { ...parsed.data, actionType: actionType ?? null }
  return { usage, providerId, ...(hasDetails && { details: extracted.usage, pathOf }) }
}

/** Returns the error for a body whose counts are well-formed but whose sums or model name are not valid. */
function refusalOf(
  { root, model_path: modelPath }: UsageExtractor,
  pathOf: (kind: string) => string | undefined,
  issues: readonly { path: PropertyKey[]; message: string }[],
): DomainError {
  const [{ path, message } = { path: [], message: '' }] = issues
  const [field] = path
  if (field === 'model') return invalidField(pathInResponse(modelPath), message)
  return invalidField(pathOf(kinds[field as keyof typeof kinds]) ?? pathInResponse(root), message)
}

function objectIn(body: Body, name: string): Body {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}
