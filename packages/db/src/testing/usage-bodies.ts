import type { UsageProvider } from '@mgx/contract'
import { type ArrayMatch, findProvider, type UsageExtractor } from '@pydantic/genai-prices'

type Step = ArrayMatch | string
type Body = Record<string, unknown>

/** The supported forms of response bodies, with the fields of each besides its counts. */
const forms: { provider: UsageProvider; form: string; rest: Body }[] = [
  { provider: 'openai', form: 'chat', rest: { model: 'gpt-4o' } },
  { provider: 'openai', form: 'responses', rest: { model: 'gpt-4o' } },
  { provider: 'openai', form: 'images', rest: { model: 'gpt-image-1' } },
  { provider: 'openai', form: 'embeddings', rest: { model: 'text-embedding-3-small', object: 'list' } },
  { provider: 'anthropic', form: 'default', rest: { model: 'claude-sonnet-4-5' } },
  { provider: 'google', form: 'default', rest: { modelVersion: 'gemini-2.5-flash' } },
]

/** The kinds of counts that include other counts. */
const WHOLE = new Set(['input_tokens', 'output_tokens'])

/** A count that is read from a response body, according to the library's data. */
export type UsageCount = {
  readonly provider: UsageProvider
  readonly form: string
  /** Its path in the input of `costs.recordUsage`. */
  readonly path: string
  readonly isRequired: boolean
  /** What it counts, in the library's terms. */
  readonly kind: string
  /** Returns a body with `value` in place of this count, or of what is `levels` above it; other counts are valid. */
  bodyWith(value: unknown, levels?: number): Body
}

/** Every count of every supported form. */
export const usageCounts: readonly UsageCount[] = forms.flatMap(({ provider, form, rest }) => {
  const extractor = findProvider({ providerId: provider })?.extractors?.find(({ api_flavor: name }) => name === form)
  if (!extractor) throw new Error(`the catalogue does not read the form ${form} of ${provider}`)
  const [prompt] = extractor.mappings.filter(({ dest }) => dest === 'input_tokens')
  return extractor.mappings.map((mapping): UsageCount => {
    const steps = stepsOf(extractor, mapping)
    const bodyWith = (value: unknown, levels = 0) => {
      const body = structuredClone(rest)
      for (const other of extractor.mappings) put(body, stepsOf(extractor, other), WHOLE.has(other.dest) ? 10 : 0)
      put(body, steps.slice(0, steps.length - levels), value)
      return body
    }
    return {
      provider,
      form,
      path: pathOf(bodyWith(0), steps),
      isRequired: mapping.required || mapping === prompt,
      kind: mapping.dest,
      bodyWith,
    }
  })
})

function stepsOf({ root }: UsageExtractor, { path }: UsageExtractor['mappings'][number]): Step[] {
  return [root, path].flat()
}

/** Sets a value at a path and creates the objects and lists on the way. */
function put(container: unknown, [step = '', ...rest]: Step[], value: unknown): void {
  const object = container as Record<string | number, unknown>
  const key = typeof step === 'string' ? step : indexIn(container as Body[], step)
  const next = rest[0]
  if (next === undefined) {
    object[key] = value
    return
  }
  if (typeof step !== 'string') object[key] ??= { [step.field]: nameOf(step) }
  else object[key] ??= typeof next === 'string' ? {} : []
  put(object[key], rest, value)
}

function indexIn(items: readonly Body[], match: ArrayMatch): number {
  const found = items.findIndex((item) => item[match.field] === nameOf(match))
  return found === -1 ? items.length : found
}

function nameOf({ match }: ArrayMatch): string {
  if (!('equals' in match)) throw new Error('list items must be matched by their whole name')
  return match.equals
}

function pathOf(body: Body, steps: Step[]): string {
  let at: unknown = body
  const names = steps.map((step) => {
    const name = typeof step === 'string' ? step : indexIn(at as Body[], step)
    at = (at as Record<string | number, unknown>)[name]
    return name
  })
  return ['response', ...names].join('.')
}
