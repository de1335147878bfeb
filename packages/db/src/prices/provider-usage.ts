import { CallUsage, invalidField, type RecordUsageInput, type UsageProvider } from '@mgx/contract'
import { extractUsage, findProvider } from '@pydantic/genai-prices'
import type { CallToPrice } from './price-call.js'

type Body = Readonly<Record<string, unknown>>

/** Which of a provider's forms a body has, as the library names them; the ones that are alike differ in these fields. */
const forms: Record<UsageProvider, (body: Body, usage: Body) => string> = {
  anthropic: () => 'default',
  google: () => 'default',
  openai(body, usage) {
    if (body.object === 'list') return 'embeddings'
    if ('prompt_tokens' in usage) return 'chat'
    return 'image_tokens' in objectIn(usage, 'input_tokens_details') ? 'images' : 'responses'
  },
}

/** What is priced as plain tokens, or not at all. */
const PLAIN = new Set(['input_tokens', 'output_tokens', 'cache_read_tokens'])

/**
 * The model call that a provider's response body tells of. Prompt tokens are all that was sent: those read from the
 * provider's cache and those written to it among them, whether or not the provider counts them so.
 * @throws DomainError `invalid_input` naming `response` when it is not such a body, or `model` when none is named.
 */
export function readUsage({ provider, response, model, actionType }: RecordUsageInput): CallToPrice {
  const extracted = extract(provider, response)
  const { input_tokens: promptTokens, output_tokens: completionTokens = 0, cache_read_tokens: cached } = extracted.usage
  const named = extracted.model ?? model
  if (named === undefined) throw invalidField('model', 'must be given: the response does not name it')
  const parsed = CallUsage.safeParse({ model: named, promptTokens, completionTokens, cachedPromptTokens: cached ?? 0 })
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw invalidField('response', `its usage is not one: ${problems.join('; ')}`)
  }
  const hasDetails = Object.entries(extracted.usage).some(([name, count]) => !PLAIN.has(name) && count)
  const usage = { ...parsed.data, actionType: actionType ?? null }
  return { usage, providerId: provider, ...(hasDetails && { details: extracted.usage }) }
}

function extract(providerId: UsageProvider, body: Body): ReturnType<typeof extractUsage> {
  const provider = findProvider({ providerId })
  if (!provider) throw new Error(`the catalogue has no provider ${providerId}`)
  try {
    const { model, usage } = extractUsage(provider, body, forms[providerId](body, objectIn(body, 'usage')))
    if (usage.input_tokens === undefined) throw new Error('it counts no prompt tokens')
    return { model, usage }
  } catch (error) {
    throw invalidField('response', `must be a response body of ${providerId}: ${(error as Error).message}`)
  }
}

function objectIn(body: Body, name: string): Body {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}
