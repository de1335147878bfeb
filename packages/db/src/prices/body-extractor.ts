import type { UsageProvider } from '@mgx/contract'
import { findProvider, type Provider, type UsageExtractor } from '@pydantic/genai-prices'
import { type Body, type Form, formOf, objectIn } from './body-form.js'

type Mapping = UsageExtractor['mappings'][number]
type Path = readonly string[]

/** Counts in a usage object that the library does not read, by form. */
const further: Readonly<Record<string, readonly Mapping[]>> = {
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CacheDetail.html
  'aws default': [
    {
      path: ['cacheDetails', { type: 'array-match', field: 'ttl', match: { equals: '1h' } }, 'inputTokens'],
      dest: 'cache_write_1h_tokens',
      required: false,
    },
  ],
}

/** Where else a count is in usage objects that do not have it where the library reads it. */
const elsewhere: Readonly<Record<string, readonly (readonly [read: Path, instead: Path])[]>> = {
  // https://api-docs.deepseek.com/api/create-chat-completion
  'deepseek chat': [[['prompt_tokens_details', 'cached_tokens'], ['prompt_cache_hit_tokens']]],
  // https://ai.google.dev/api/live#UsageMetadata
  'google default': [
    [['candidatesTokenCount'], ['responseTokenCount']],
    [['candidatesTokensDetails'], ['responseTokensDetails']],
  ],
}

/**
 * Returns how to read the counts of a body, which for a usage object alone is in a body by the name `usage`. `within` is
 * where the body is in the input of the call.
 * @throws DomainError `invalid_input` when the body is another provider's.
 */
export function extractorOf(
  name: UsageProvider,
  body: Body,
  { isWhole, within }: { isWhole: boolean; within: readonly string[] },
): { provider: Provider; extractor: UsageExtractor } {
  const form = formOf(name, body, within)
  const [providerId, flavor] = form
  const provider = findProvider({ providerId })
  const known = provider?.extractors?.find(({ api_flavor: each }) => each === flavor)
  if (!provider || !known) throw new Error(`the catalogue does not read the form ${flavor} of ${providerId}`)
  // What the event `response.done` wraps, and a transcription, have the usage of realtime without its wrapper.
  const isUnwrapped = !isWhole || (flavor === 'realtime' && !('response' in body))
  const rooted = isUnwrapped ? { ...known, root: 'usage', model_path: isWhole ? 'model' : known.model_path } : known
  const extractor = { ...rooted, mappings: mappingsOf(form, rooted, body) }
  return { provider: { ...provider, extractors: [extractor] }, extractor }
}

function mappingsOf(form: Form, { root, mappings }: UsageExtractor, body: Body): Mapping[] {
  const key = form.join(' ')
  const usage = [root].flat().reduce((within, step) => (typeof step === 'string' ? objectIn(within, step) : {}), body)
  const moved = (elsewhere[key] ?? []).filter(
    ([read, instead]) => valueAt(usage, read) == null && valueAt(usage, instead) != null,
  )
  const read = mappings.map((mapping) => {
    const path = [mapping.path].flat()
    const [from, to] = moved.find(([from]) => from.every((step, index) => path[index] === step)) ?? []
    return from && to ? { ...mapping, path: [...to, ...path.slice(from.length)] } : mapping
  })
  return [...read, ...(further[key] ?? [])]
}

function valueAt(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return step === undefined ? value : undefined
  return valueAt((value as Body)[step], rest)
}
