import { invalidField, type UsageProvider } from '@mgx/contract'

export type Body = Readonly<Record<string, unknown>>

/** The provider and the name by which the library knows a form of response body. */
export type Form = readonly [provider: string, name: string]

/** The forms in which providers write bodies; several providers use those of OpenAI and Anthropic. */
type Style = 'chat' | 'responses' | 'realtime' | 'anthropic' | 'google' | 'bedrock'

/** The styles of each provider, the usual one first. */
const styles: Record<UsageProvider, readonly [Style, ...Style[]]> = {
  openai: ['responses', 'chat', 'realtime'],
  azure: ['responses', 'chat', 'realtime', 'anthropic'],
  anthropic: ['anthropic', 'chat'],
  google: ['google', 'anthropic', 'chat'],
  bedrock: ['bedrock', 'anthropic', 'chat'],
  aws: ['bedrock', 'anthropic', 'chat'],
  openrouter: ['chat', 'responses'],
  mistral: ['chat'],
  groq: ['chat', 'responses'],
  deepseek: ['chat', 'anthropic'],
  'x-ai': ['chat', 'responses'],
}

/** Returns the style of a body by its typical fields; undefined when it has none of them. */
function styleOf(body: Body, usage: Body): Style | undefined {
  if ('usageMetadata' in body || 'promptTokenCount' in usage) return 'google'
  if (body.type === 'response.done') return 'realtime'
  if ('inputTokens' in usage) return 'bedrock'
  if ('prompt_tokens' in usage) return 'chat'
  // Transcriptions count as the realtime API does.
  if (usage.input_token_details != null) return 'realtime'
  if (body.type === 'message' || ANTHROPIC_COUNTS.some((name) => name in usage)) return 'anthropic'
  return body.object === 'response' || OPENAI_COUNTS.some((name) => name in usage) ? 'responses' : undefined
}

const ANTHROPIC_COUNTS = ['cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation']
const OPENAI_COUNTS = ['input_tokens_details', 'output_tokens_details']

/**
 * Returns the form of a body. `within` is where the body is in the input of the call.
 * @throws DomainError `invalid_input` when the body is another provider's.
 */
export function formOf(provider: UsageProvider, body: Body, within: readonly string[]): Form {
  const usage = objectIn(body, 'usage')
  const style = styleOf(body, usage) ?? styles[provider][0]
  if (!styles[provider].includes(style)) {
    throw invalidField(within[0] ?? 'usage', `is in the ${style} form, which ${provider} does not send`)
  }
  switch (style) {
    case 'chat':
      return chatForm(provider, body, usage)
    case 'responses':
      return ['openai', 'image_tokens' in objectIn(usage, 'input_tokens_details') ? 'images' : 'responses']
    case 'realtime':
      return ['openai', 'realtime']
    case 'anthropic':
      return ['anthropic', 'default']
    case 'google':
      return ['google', 'default']
    case 'bedrock':
      return ['aws', 'default']
  }
}

function chatForm(provider: UsageProvider, body: Body, usage: Body): Form {
  switch (provider) {
    case 'openai':
    case 'azure':
    case 'aws':
    case 'bedrock':
      return ['openai', isEmbedding(body, usage) ? 'embeddings' : 'chat']
    case 'mistral':
    case 'groq':
      return [provider, 'default']
    case 'x-ai':
      return [provider, 'cached_prompt_text_tokens' in usage ? 'default' : 'chat']
    default:
      return [provider, 'chat']
  }
}

function isEmbedding(body: Body, { completion_tokens: completion, prompt_tokens: prompt, total_tokens: total }: Body) {
  return completion == null && (body.object === 'list' || (total != null && prompt === total))
}

/** Returns an object within a body; an empty one when there is none. */
export function objectIn(body: Body, name: string): Body {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}
