import { findProvider, type MatchLogic, type ModelInfo } from '@pydantic/genai-prices'
import { catalogueProvider, plainName } from './model-names.js'

/** A model in the catalogue, with its prices at any instant. */
export type CatalogueModel = { readonly provider: string; readonly info: ModelInfo }

/** The providers that make models, in the order in which they are searched for a name. */
const MAKERS = (
  'openai anthropic google mistral cohere x-ai deepseek moonshotai minimax zhipuai zai perplexity ' +
  'voyageai cursor typesafe'
).split(' ')

/** The providers that sell models of others, in the order in which they are searched for a name. */
const HOSTS = (
  'openrouter groq together fireworks cerebras azure aws cloudflare arcee avian baseten doubleword ' +
  'github-copilot modal novita ovhcloud quicksilverpro huggingface_cerebras huggingface_fireworks-ai ' +
  'huggingface_groq huggingface_hyperbolic huggingface_nebius huggingface_novita huggingface_nscale ' +
  'huggingface_ovhcloud huggingface_publicai huggingface_sambanova huggingface_together'
).split(' ')

type Rule = {
  readonly model: CatalogueModel
  readonly firstWord: string | undefined
  readonly matches: (name: string) => boolean
}

/** Models by their ids and other exact names, in lower case, and rules for further names. */
type Names = { readonly exact: ReadonlyMap<string, CatalogueModel>; readonly rules: readonly Rule[] }

const names = new Map([...MAKERS, ...HOSTS].map((id) => [id, readOnce(() => namesOf(id))]))
const ofMakers = readOnce(() => allNamesOf(MAKERS))
const ofHosts = readOnce(() => allNamesOf(HOSTS))

/**
 * Returns the provider's model of this name, by the catalogue's exact names, then by its rules. A rule may match any name
 * with a certain beginning, so rules are not applied to names with a vendor or a variant (`:free`), and another version
 * (`claude-sonnet-5-5`) or size (`-8b`) does not match the model that its name begins with.
 */
export function modelAt(providerId: string, name: string): CatalogueModel | undefined {
  const known = names.get(catalogueProvider(providerId))?.()
  return known && (exactly(known, name) ?? byRule(known.rules, name))
}

/** Returns the maker's model of this name. Rules apply only to names that begin with the first word of the model's id. */
export function modelOfMaker(name: string): CatalogueModel | undefined {
  // Google lists `anthropic/claude-sonnet-4` too, but as a gateway.
  if (name.includes('/')) return undefined
  const known = ofMakers()
  const word = firstWord(name)
  return (
    exactly(known, name) ??
    byRule(
      known.rules.filter((rule) => rule.firstWord === word),
      name,
    )
  )
}

/** Returns the maker's model that has exactly this name, without applying the catalogue's rules. */
export function exactModelOfMaker(name: string): CatalogueModel | undefined {
  return exactly(ofMakers(), name)
}

/** Returns the model of exactly this name at a provider that sells models of others. */
export function modelAtHost(name: string): CatalogueModel | undefined {
  return exactly(ofHosts(), name)
}

/** Returns the provider's model that has exactly this name. */
export function modelNamed(provider: string, name: string): CatalogueModel | undefined {
  const known = names.get(provider)?.()
  return known && exactly(known, name)
}

/** Returns all models in the catalogue. */
export function allModels(): readonly CatalogueModel[] {
  return [...MAKERS, ...HOSTS].flatMap((provider) => modelsOf(provider).map((info) => ({ provider, info })))
}

function exactly({ exact }: Names, name: string): CatalogueModel | undefined {
  const lower = name.toLowerCase()
  return exact.get(lower) ?? exact.get(withDashes(lower))
}

function byRule(rules: readonly Rule[], name: string): CatalogueModel | undefined {
  const lower = name.toLowerCase()
  if (rules.length === 0 || !isOrdinary(lower)) return undefined
  return rules.find(({ model, matches }) => matches(lower) && !isFurtherModel(lower, model.info.id))?.model
}

function readOnce<Value>(read: () => Value): () => Value {
  let value: Value | undefined
  return () => {
    value ??= read()
    return value
  }
}

function allNamesOf(ids: readonly string[]): Names {
  const all = ids.map(namesOf)
  // Of several providers with the same name, the first goes before the others.
  const exact = new Map(all.toReversed().flatMap((of) => [...of.exact]))
  return { exact, rules: all.flatMap(({ rules }) => rules) }
}

function modelsOf(provider: string): readonly ModelInfo[] {
  return findProvider({ providerId: provider })?.models ?? []
}

function namesOf(provider: string): Names {
  const all = modelsOf(provider).map((info) => ({ provider, info }))
  const exact = new Map<string, CatalogueModel>()
  for (const namesIn of [(info: ModelInfo) => [info.id], ({ match }: ModelInfo) => equalsIn(match)]) {
    for (const model of all) {
      for (const name of namesIn(model.info)) if (!exact.has(name.toLowerCase())) exact.set(name.toLowerCase(), model)
    }
  }
  const further = all.filter(({ info }) => asksForMore(info.match))
  return {
    exact,
    rules: further.map((model) => ({ model, firstWord: firstWord(model.info.id), matches: test(model.info.match) })),
  }
}

function equalsIn(match: MatchLogic): string[] {
  if ('or' in match) return match.or.flatMap(equalsIn)
  return 'equals' in match ? [match.equals] : []
}

function asksForMore(match: MatchLogic): boolean {
  return 'or' in match ? match.or.some(asksForMore) : !('equals' in match)
}

/** Compiles a rule of the catalogue to a test of lower-case names. */
function test(match: MatchLogic): (name: string) => boolean {
  if ('or' in match) {
    const tests = match.or.map(test)
    return (name) => tests.some((matches) => matches(name))
  }
  if ('and' in match) {
    const tests = match.and.map(test)
    return (name) => tests.every((matches) => matches(name))
  }
  if ('regex' in match) {
    const regex = new RegExp(match.regex)
    return (name) => regex.test(name)
  }
  if ('equals' in match) return (name) => name === match.equals.toLowerCase()
  if ('starts_with' in match) return startsWith(match.starts_with.toLowerCase())
  if ('ends_with' in match) return endsWith(match.ends_with.toLowerCase())
  const part = match.contains.toLowerCase()
  return (name) => name.includes(part)
}

const startsWith = (part: string) => (name: string) => name.startsWith(part)
const endsWith = (part: string) => (name: string) => name.endsWith(part)

/** Returns whether a name has no vendor and no variant; `ft:` and Bedrock's `:0` are part of the model. */
function isOrdinary(name: string): boolean {
  return /^(?:ft:.*|[^/:]*(?::\d+)?)$/.test(name)
}

/** Returns whether a name is that of a further model which only begins as the given one: `-8b`, `-5`, `.5`, `-v2`, `x`. */
function isFurtherModel(name: string, id: string): boolean {
  if (name.startsWith('ft:')) return false
  if (name.includes('-distill')) return true
  const longer = plainName(name)
  const shorter = plainName(id.toLowerCase()).replace(/-v\d$/, '')
  return (
    longer !== shorter && longer.startsWith(shorter) && /^(?:[a-z\d]|\.\d|-v?\d)/.test(longer.slice(shorter.length))
  )
}

function firstWord(name: string): string | undefined {
  return /^(?:ft:)?([a-z0-9]+)/.exec(name.toLowerCase())?.[1]
}

/** Returns a name with its date in dashes, as OpenAI writes it. */
function withDashes(name: string): string {
  const date = /^-(20\d\d)(\d\d)(\d\d)$/.exec(name.slice(-'-YYYYMMDD'.length))
  return date ? `${name.slice(0, -'YYYYMMDD'.length)}${date[1]}-${date[2]}-${date[3]}` : name
}
