import { z } from 'zod'
import { completionTokens, model, promptTokens, text, tokens, usdInput } from './fields.js'
import { jsonObject } from './metadata.js'

/** The provider that responded to a call; `bedrock` and `aws` are the same. */
export const UsageProvider = z.enum([
  'openai',
  'anthropic',
  'google',
  'azure',
  'bedrock',
  'aws',
  'openrouter',
  'mistral',
  'groq',
  'deepseek',
  'x-ai',
])
export type UsageProvider = z.infer<typeof UsageProvider>

/** How a provider processes a call, which changes its price. */
export const ServiceTier = z.enum(['standard', 'batch', 'flex', 'priority'])
export type ServiceTier = z.infer<typeof ServiceTier>

/** Where the token counts of a call come from: the provider, the caller, or an estimate. */
export const UsageSource = z.enum(['provider', 'caller', 'estimated'])
export type UsageSource = z.infer<typeof UsageSource>

const serviceTier = ServiceTier.optional().describe(
  'How the provider processes the call. Defaults to what the response says, else to standard.',
)
const actionType = text(100).nullish()
const provider = UsageProvider.meta({ examples: ['openai'] })

/** The tokens of one call, and what else it is charged for. */
export const tokenFields = {
  model,
  promptTokens,
  completionTokens,
  cachedPromptTokens: tokens.default(0).describe('How many of the prompt tokens came from the cache.'),
  cacheWriteTokens: tokens
    .optional()
    .describe('How many of the prompt tokens the provider wrote to its cache for 5 minutes.'),
  cacheWrite1hTokens: tokens
    .optional()
    .describe('How many of the prompt tokens the provider wrote to its cache for an hour.'),
  audioPromptTokens: tokens.optional().describe('How many of the prompt tokens are audio.'),
  cachedAudioPromptTokens: tokens
    .optional()
    .describe('How many of the audio prompt tokens came from the cache. By default the cached tokens are text first.'),
  audioCompletionTokens: tokens.optional().describe('How many of the completion tokens are audio.'),
  searches: tokens
    .optional()
    .describe('Searches that the provider made during the call, charged in addition to the tokens.'),
  provider: provider.optional().describe('The provider whose price applies. By default the model name implies it.'),
  serviceTier,
}

/** The fields a caller sends about one model call when it knows the tokens. */
export const costFields = {
  ...tokenFields,
  totalCost: usdInput.optional().describe('USD. Without it, the server prices the call.'),
  actionType,
  usageSource: UsageSource.exclude(['provider'])
    .optional()
    .describe(
      '`estimated` for tokens that were not counted, such as those of a stream that broke off. Defaults to `caller`.',
    ),
}

/** The fields a caller sends about one model call when it has the provider's response body. */
export const responseFields = {
  provider,
  response: jsonObject.meta({
    description:
      'The response body as the provider sent it: OpenAI or Azure chat completions, responses, images, embeddings, transcriptions or realtime; Anthropic messages; Gemini generateContent; Bedrock Converse or InvokeModel; chat completions from the other providers.',
    examples: [{ model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500 } }],
  }),
  model: model
    .optional()
    .describe(
      'The model; used when the body does not name it. For Bedrock it replaces the name in the body, because the price depends on the id that was called.',
    ),
  serviceTier,
  actionType,
}

/** The fields a caller sends about one model call when it has only the provider's usage object. */
export const usageFields = {
  provider,
  model,
  usage: jsonObject.meta({
    description: 'The usage object with which a stream ends, as the provider sent it.',
    examples: [{ prompt_tokens: 1000, completion_tokens: 500 }],
  }),
  serviceTier,
  actionType,
}

/** The token counts that must fit into each other. */
type TokenCounts = {
  promptTokens: number
  completionTokens: number
  cachedPromptTokens: number
  cacheWriteTokens?: number | undefined
  cacheWrite1hTokens?: number | undefined
  audioPromptTokens?: number | undefined
  cachedAudioPromptTokens?: number | undefined
  audioCompletionTokens?: number | undefined
}

/** Rejects parts that exceed the tokens they are part of, once every field is valid by itself. */
export const withTokenParts = <Call extends z.ZodType<TokenCounts>>(schema: Call) =>
  schema.superRefine((counts, context) => {
    const problem = context.issues.length === 0 ? problemOf(counts) : undefined
    if (problem) context.addIssue({ code: 'custom', path: [problem[0]], message: problem[1] })
  })

function problemOf(counts: TokenCounts): [keyof TokenCounts, string] | undefined {
  const { promptTokens: prompt, completionTokens: completion, cachedPromptTokens: cached } = counts
  const { cacheWriteTokens: write = 0, cacheWrite1hTokens: write1h = 0, audioPromptTokens: audio = 0 } = counts
  const { cachedAudioPromptTokens: cachedAudio, audioCompletionTokens: audioCompletion = 0 } = counts
  if (cached > prompt) return ['cachedPromptTokens', 'must not be more than promptTokens']
  if (cached + write > prompt)
    return ['cacheWriteTokens', 'must not exceed promptTokens together with cachedPromptTokens']
  if (cached + write + write1h > prompt) {
    return ['cacheWrite1hTokens', 'must not exceed promptTokens together with the other cached and written tokens']
  }
  if (audio > prompt) return ['audioPromptTokens', 'must not be more than promptTokens']
  if (audioCompletion > completion) return ['audioCompletionTokens', 'must not be more than completionTokens']
  if (cachedAudio === undefined) return undefined
  if (cachedAudio > Math.min(audio, cached)) {
    return ['cachedAudioPromptTokens', 'must not be more than audioPromptTokens or cachedPromptTokens']
  }
  if (audio + cached - cachedAudio + write + write1h > prompt) {
    return ['cachedAudioPromptTokens', 'must be more: otherwise audio, cached and written tokens exceed promptTokens']
  }
  return undefined
}
