/**
 * A name by which a rule may match a called model: `name` as called, `date` without its date or version, `prefix`
 * without the prefix of a gateway, or in the maker's spelling instead of a gateway's.
 */
export type NameForm = { readonly name: string; readonly by: 'name' | 'date' | 'prefix' }

/** The catalogue's providers that a name mentions: gateways that sell others' models, and vendors of the model. */
export type Mentioned = { readonly gateways: readonly string[]; readonly vendors: readonly string[] }

/** Prefixes of gateways, with the catalogue's id of the provider. */
const GATEWAYS = new Map<string, string>([
  ['aws', 'aws'],
  ['azure', 'azure'],
  ['azure_ai', 'azure'],
  ['azure_text', 'azure'],
  ['bedrock', 'aws'],
  ['cerebras', 'cerebras'],
  ['cloudflare', 'cloudflare'],
  ['fireworks', 'fireworks'],
  ['fireworks_ai', 'fireworks'],
  ['groq', 'groq'],
  ['novita', 'novita'],
  ['openrouter', 'openrouter'],
  ['together', 'together'],
  ['together_ai', 'together'],
  ['vertex_ai', 'google'],
])

/** Prefixes of the makers of models, with the catalogue's id of the provider; null where it has none. */
const VENDORS = new Map<string, string | null>([
  ['ai21', null],
  ['amazon', null],
  ['anthropic', 'anthropic'],
  ['cohere', 'cohere'],
  ['cohere_chat', 'cohere'],
  ['deepseek', 'deepseek'],
  ['gemini', 'google'],
  ['google', 'google'],
  ['meta-llama', null],
  ['microsoft', null],
  ['minimax', 'minimax'],
  ['mistral', 'mistral'],
  ['mistralai', 'mistral'],
  ['models', 'google'],
  ['moonshot', 'moonshotai'],
  ['moonshotai', 'moonshotai'],
  ['nvidia', null],
  ['openai', 'openai'],
  ['perplexity', 'perplexity'],
  ['qwen', null],
  ['voyage', 'voyageai'],
  ['x-ai', 'x-ai'],
  ['xai', 'x-ai'],
  ['z-ai', 'zai'],
  ['zai', 'zai'],
])

/** What may follow the prefix of a gateway before the model: a zone, or the way it is called. */
const ROUTES: Record<string, RegExp> = {
  azure: /^(?:eu|us|global|global-standard|responses)\//,
  azure_ai: /^(?:eu|us|global|responses)\//,
  bedrock: /^(?:converse|converse_like|invoke|[a-z]{2}(?:-gov)?-[a-z]+-\d)\//,
  openai: /^(?:responses|chat\/completions)\//,
}

const BEDROCK_REGION = /^(?:us|us-gov|eu|apac|ap|au|ca|global|in|jp|regional|sa)\./
const BEDROCK_MAKER =
  /^(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|writer|zai)\./
const BEDROCK_ARN = /^arn:aws[a-z-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\//
const FIREWORKS_PATH = /^accounts\/fireworks\/(?:models|routers)\//
const VERTEX_PATH = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/[^/]+\/models\//

const PATHS = [
  [BEDROCK_ARN, 'aws'],
  [VERTEX_PATH, 'google'],
  [FIREWORKS_PATH, 'fireworks'],
] as const

/** Bounds the work for names that are not real ones, which have fewer prefixes. */
const MOST_PREFIXES = 5

/** The catalogue's ids of providers that callers may name otherwise. */
const PROVIDER_IDS = new Map([
  ['bedrock', 'aws'],
  ['xai', 'x-ai'],
])

/** Returns the catalogue's id of a provider: `aws` for Bedrock. */
export function catalogueProvider(providerId: string): string {
  const id = providerId.toLowerCase()
  return PROVIDER_IDS.get(id) ?? id
}

/**
 * Returns the names by which a rule may match this model, most specific first: as called (with the provider's prefix
 * first when a provider is given), without its date or version, without the prefix of a gateway, without both. A name
 * whose prefix is not a gateway's known one keeps it: `myorg/gpt-4o` is not `gpt-4o`.
 */
export function nameForms(model: string, providerId?: string): readonly NameForm[] {
  const forms = new Map<string, NameForm>()
  const add = (name: string, by: NameForm['by']) => {
    if (!forms.has(name)) forms.set(name, { name, by })
  }
  const prefixed = providerId === undefined ? [] : withProvider(model, catalogueProvider(providerId))
  for (const name of [...prefixed, model]) add(name, 'name')
  const undated = [...prefixed, model].map(withoutDates)
  for (const name of undated.flat()) add(name, 'date')
  for (const name of withoutPrefixes(model).names) {
    add(name, 'prefix')
    for (const undatedName of withoutDates(name)) add(undatedName, 'prefix')
  }
  return [...forms.values()]
}

/** Returns the providers that a name mentions in its prefixes, the outermost first. */
export function providersIn(model: string): Mentioned {
  const { gateways, vendors } = withoutPrefixes(model)
  return { gateways, vendors }
}

/** Returns a name without prefixes, dates and versions, in the maker's spelling. */
export function plainName(model: string): string {
  return nameForms(model).at(-1)?.name ?? model
}

/** Returns a name without the prefixes of gateways, in the maker's spelling, but with its date. */
export function makersName(model: string): string {
  return withoutPrefixes(model).names.at(-1) ?? model
}

function withProvider(model: string, provider: string): string[] {
  const prefixes = provider === 'aws' ? ['bedrock/', 'aws/'] : [`${provider}/`]
  const lower = model.toLowerCase()
  return prefixes.filter((prefix) => !lower.startsWith(prefix)).map((prefix) => prefix + model)
}

function withoutPrefixes(model: string): Mentioned & { readonly names: readonly string[] } {
  const found = { names: [] as string[], gateways: [] as string[], vendors: [] as string[] }
  let name = model
  for (let count = 0; count < MOST_PREFIXES; count++) {
    const step = withoutPrefix(name)
    if (!step || step.rest === '') break
    name = step.rest
    found.names.push(name)
    if (step.gateway) found.gateways.push(step.gateway)
    if (step.vendor) found.vendors.push(step.vendor)
  }
  const respelled = inMakersSpelling(name)
  if (respelled !== name) found.names.push(respelled)
  return found
}

type Step = { readonly rest: string; readonly gateway?: string; readonly vendor?: string | null | undefined }

function withoutPrefix(name: string): Step | undefined {
  const lower = name.toLowerCase()
  for (const [path, gateway] of PATHS) {
    const length = path.exec(lower)?.[0].length
    if (length !== undefined) return { rest: name.slice(length), gateway }
  }
  const region = BEDROCK_REGION.exec(lower)?.[0].length ?? 0
  const maker = BEDROCK_MAKER.exec(lower.slice(region))?.[0].length ?? 0
  if (maker > 0) return { rest: name.slice(region || maker), gateway: 'aws' }
  const slash = lower.indexOf('/')
  const prefix = lower.slice(0, Math.max(slash, 0))
  const gateway = GATEWAYS.get(prefix)
  const vendor = VENDORS.get(prefix)
  if (gateway === undefined && vendor === undefined) return undefined
  const route = ROUTES[prefix]?.exec(lower.slice(slash + 1))?.[0].length ?? 0
  const rest = name.slice(slash + 1 + route)
  return { rest: route > 0 ? name.slice(0, slash + 1) + rest : rest, ...(gateway ? { gateway } : { vendor }) }
}

/** Returns a gateway's spelling as the maker's: OpenRouter writes `claude-sonnet-4.5`, Azure `gpt-35-turbo`. */
function inMakersSpelling(name: string): string {
  if (/^claude-/i.test(name)) return name.replaceAll(/(?<=\d)\.(?=\d)/g, '-')
  return name.replace(/^gpt-35-turbo/i, 'gpt-3.5-turbo')
}

/** Returns a name without its version, then also without its date; empty when it has neither. */
function withoutDates(name: string): string[] {
  const undated: string[] = []
  for (let rest = withoutDate(name); rest !== undefined && undated.length < 3; rest = withoutDate(rest)) {
    undated.push(rest)
  }
  return undated
}

/** Endings that are not part of a model's own name, and what must come before each. */
const ENDS: readonly { readonly end: RegExp; readonly after?: RegExp }[] = [
  { end: /[-@](?:latest|default)$/i },
  // Bedrock's versions of the same model; another number is another model, as in titan-embed-text-v2:0, unless dated.
  { end: /-v?[01]:\d$/i },
  { end: /-v\d:\d$/i, after: /\d{8}$/ },
  { end: /-v1$/i, after: /^(?:(?:[a-z-]+\.)?(?:amazon|anthropic|meta|mistral)[./]|claude-[a-z]+-\d|nova-)/i },
  { end: /-00[1-9]$/, after: /\bgemini-/i },
  // The first release of Claude 4, and a second one of Claude 3.5 on Vertex.
  { end: /-0$/, after: /\bclaude-[a-z]+-\d$/i },
  { end: /-v\d$/i, after: /\bclaude-\d[^/]*[a-z]$/i },
]
const DATE = /(?:[-@](?<ymd>\d{8})|-(?<dashed>\d{4}-\d\d-\d\d)|-(?<my>\d\d-\d{4})|-(?<md>\d\d-\d\d)|-(?<four>\d{4}))$/
const LONGEST_END = '-YYYY-MM-DD'.length

function withoutDate(name: string): string | undefined {
  if (!/[\dt]/i.test(name.slice(-1))) return undefined
  const tail = name.slice(-LONGEST_END)
  const length =
    ENDS.map(({ end, after = /^/ }) => lengthOf(end.exec(tail), name, after)).find(Boolean) ?? dateLength(tail)
  const rest = name.slice(0, name.length - length)
  return length > 0 && /[a-z]/i.test(rest) ? rest : undefined
}

function lengthOf(end: RegExpExecArray | null, name: string, after: RegExp): number {
  const length = end?.[0].length ?? 0
  return after.test(name.slice(0, name.length - length)) ? length : 0
}

/** Returns the length of the date at the end of a name; 0 without one. A size such as `-4096` is not a date. */
function dateLength(tail: string): number {
  const match = DATE.exec(tail)
  if (!match?.groups) return 0
  const { ymd, dashed, my, md, four } = match.groups
  const digits = (ymd ?? dashed ?? my ?? md ?? four ?? '').replaceAll('-', '')
  const [month, day] =
    my === undefined ? [digits.slice(0, -2), digits.slice(-2)] : [digits.slice(2) + digits.slice(0, 2), '01']
  return (four === undefined ? isDay(month, day) : isSnapshot(four)) ? match[0].length : 0
}

/** Returns whether four digits are the day (MMDD) or the month (YYMM) of a snapshot. 1024 counts as a size. */
export function isSnapshot(digits: string): boolean {
  if (digits === '1024') return false
  const [first, last] = [digits.slice(0, 2), digits.slice(2)]
  return isDay(first, last) || (first >= '23' && first <= '39' && isDay(last, '01'))
}

/** Returns whether this day exists; `month` is MM or YYYYMM. A day without a year may be a leap day. */
function isDay(month: string, day: string): boolean {
  const year = month.length === 6 ? month.slice(0, 4) : '2024'
  if (!(year >= '2020' && year <= '2099')) return false
  const written = `${year}-${month.slice(-2)}-${day}`
  const time = Date.parse(`${written}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written)
}
