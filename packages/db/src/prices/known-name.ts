import { type CatalogueModel, exactModelOfMaker, modelAt, modelAtHost, modelOfMaker } from './catalogue-models.js'
import { isSnapshot, makersName, type NameForm, nameForms, plainName, providersIn } from './model-names.js'

/** What the catalogue and the spelling say about the name of a called model, at any instant. */
export type KnownName = {
  /** The names by which an override may match, most specific first. */
  readonly forms: readonly NameForm[]
  /** The model in the catalogue whose price applies, and the form of the name that matched. */
  readonly found: Found | undefined
  /** The model in its maker's own price list. */
  readonly maker: CatalogueModel | undefined
  /** The model's name regardless of who serves it; undefined when the catalogue does not have the model. */
  readonly canonical: string | undefined
}

type Found = {
  readonly model: CatalogueModel
  readonly matched: string
  readonly by: NameForm['by'] | 'alias'
}

/** Known names of the last calls, in two generations, so that a flood of other names does not drop those in use. */
let recent = new Map<string, KnownName>()
let older = new Map<string, KnownName>()
const MOST_KEPT = 2_000

/** Returns what is known of the name by which a provider's model was called. */
export function knownName(model: string, providerId: string | undefined): KnownName {
  const key = `${providerId ?? ''} ${model}`
  const known = recent.get(key)
  if (known) return known
  const kept = older.get(key) ?? lookUp(model, providerId)
  if (recent.size >= MOST_KEPT) {
    older = recent
    recent = new Map()
  }
  recent.set(key, kept)
  return kept
}

function lookUp(model: string, providerId: string | undefined): KnownName {
  const names = nameForms(model)
  const sure = names.filter(({ name }) => !names.some((other) => isCutAtSnapshot(other.name, name)))
  const maker = firstFound(names, sure, modelOfMaker)
  const found = findPriced(model, providerId, { names, sure, maker })
  const called = providerId === undefined ? names : nameForms(model, providerId)
  const forms = called.filter(({ name, by }) => by === 'name' || isSameModel(name, maker?.model))
  return {
    forms: [...forms, ...ownNameOf(model, maker?.model, forms)],
    found,
    maker: maker?.model,
    canonical: canonicalOf(found?.model, maker?.model),
  }
}

/** The forms of a called name. */
type Forms = {
  readonly names: readonly NameForm[]
  /**
   * The forms that may find a price in the catalogue. A form that lost a snapshot of four digits may not, because the
   * snapshot's price often differs (`mistral-large-2402`): the catalogue must have the snapshot itself.
   */
  readonly sure: readonly NameForm[]
  readonly maker: Found | undefined
}

/**
 * Finds the model whose price applies: a gateway's own before the maker's. Another host's price applies only to that
 * host's exact name, because the same model costs differently elsewhere.
 */
function findPriced(model: string, providerId: string | undefined, { names, sure, maker }: Forms): Found | undefined {
  const { gateways, vendors } = providersIn(model)
  for (const provider of [...gateways, ...(providerId === undefined ? [] : [providerId]), ...vendors]) {
    const found = firstFound(names, sure, (name) => modelAt(provider, name))
    if (found) return found
  }
  if (maker) return maker
  const asCalled = sure.filter(({ by }) => by !== 'prefix')
  return firstFound(names, asCalled, modelAtHost)
}

/** Finds a model by the first form that has one. `matched` is the form that is the model's own name, if there is one. */
function firstFound(
  names: readonly NameForm[],
  forms: readonly NameForm[],
  find: (name: string) => CatalogueModel | undefined,
): Found | undefined {
  for (const { name, by } of forms) {
    const model = find(name)
    if (!model) continue
    const own = names.find((form) => form.name.toLowerCase() === model.info.id.toLowerCase())
    return own ? { model, matched: own.name, by: own.by } : { model, matched: name, by: by === 'name' ? 'alias' : by }
  }
  return undefined
}

function isCutAtSnapshot(longer: string, shorter: string): boolean {
  if (longer.length !== shorter.length + '-MMDD'.length || !longer.startsWith(shorter)) return false
  return longer[shorter.length] === '-' && isSnapshot(longer.slice(shorter.length + 1))
}

/** Returns whether a shorter form still names the same model: the catalogue may price a snapshot differently. */
function isSameModel(form: string, maker: CatalogueModel | undefined): boolean {
  const other = maker && exactModelOfMaker(makersName(form))
  return !other || other === maker
}

/** Returns the maker's own name when it differs from the called one by a date or version, as `grok-4-0709` does. */
function ownNameOf(model: string, maker: CatalogueModel | undefined, forms: readonly NameForm[]): NameForm[] {
  const id = maker?.info.id
  if (id === undefined || plainName(id).toLowerCase() !== plainName(model).toLowerCase()) return []
  if (forms.some(({ name }) => name.toLowerCase() === id.toLowerCase())) return []
  return [{ name: id, by: makersName(model) === model ? 'date' : 'prefix' }]
}

/** Returns the maker's name for a model, else its name in the catalogue, without a region of Bedrock. */
function canonicalOf(found: CatalogueModel | undefined, maker: CatalogueModel | undefined): string | undefined {
  if (maker || found?.provider !== 'aws') return (maker ?? found)?.info.id
  return found.info.id.replace(/^(?:regional|global)\./, '')
}
