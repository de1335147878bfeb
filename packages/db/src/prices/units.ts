import { invalidField, type RecordCostInput } from '@mgx/contract'
import { type Part, parts } from '../breakdown.js'

/** Kinds of content whose tokens may have rates of their own. */
const MODALITIES = ['audio', 'image', 'video'] as const
type Modality = (typeof MODALITIES)[number]

/** The tokens of one modality: those sent, those of them that came from the cache if known, and those received. */
type ModalityCounts = { readonly prompt?: number; readonly cached?: number; readonly completion?: number }

/** What a call used, as providers count it: prompt tokens include cached and written ones and every modality. */
export type Counts = Partial<Record<Modality, ModalityCounts>> & {
  readonly prompt: number
  readonly completion: number
  readonly cached: number
  readonly cacheWrite?: number
  readonly cacheWrite1h?: number
  readonly reasoning?: number
  readonly searches?: number
  readonly fileSearches?: number
}

/** How many units of each part a call used. The parts are disjoint. */
export type Units = ReadonlyMap<Part, number>

/** A count that does not fit into the others, named by the part that is charged for it. */
export type Misfit = Exclude<Part, 'input' | 'output' | 'request' | 'search' | 'fileSearch'>

const partsOf = {
  audio: { prompt: 'audioInput', cached: 'cachedAudioInput', completion: 'audioOutput' },
  image: { prompt: 'imageInput', cached: 'cachedImageInput', completion: 'imageOutput' },
  video: { prompt: 'videoInput', cached: 'cachedVideoInput', completion: 'videoOutput' },
} as const satisfies Record<Modality, Record<keyof ModalityCounts, Part>>

/**
 * Splits counts into disjoint parts, or returns what does not fit. Cached tokens of unknown modality count as text
 * first. Tokens of any modality that are written to the cache are charged as written.
 */
export function unitsOf(counts: Counts): Units | Misfit {
  const { prompt, completion, cached, cacheWrite = 0, cacheWrite1h = 0, reasoning = 0 } = counts
  if (cached > prompt) return 'cachedInput'
  if (cached + cacheWrite + cacheWrite1h > prompt) return 'cacheWrite'
  const units: Record<Part, number> = { ...NONE, cacheWrite, cacheWrite1h, reasoning, request: 1 }
  units.search = counts.searches ?? 0
  units.fileSearch = counts.fileSearches ?? 0

  const sent = (modality: Modality) => counts[modality]?.prompt ?? 0
  let uncached = prompt - cached - cacheWrite - cacheWrite1h
  let text = prompt - sent('audio') - sent('image') - sent('video')
  if (text < 0) return partsOf[largest(sent)].prompt
  let cachedText = cached
  for (const modality of MODALITIES) cachedText -= counts[modality]?.cached ?? 0
  if (cachedText < 0) return partsOf[largest((modality) => counts[modality]?.cached ?? 0)].cached
  let excess = Math.max(0, cachedText - Math.max(0, text - cacheWrite - cacheWrite1h))
  for (const modality of MODALITIES.toReversed()) {
    const { prompt: all = 0, cached: known, completion: received = 0 } = counts[modality] ?? {}
    const fromText = known === undefined ? Math.min(excess, all) : 0
    excess -= fromText
    cachedText -= fromText
    const fromCache = (known ?? 0) + fromText
    if (fromCache > all) return partsOf[modality].prompt
    const fresh = Math.min(all - fromCache, uncached)
    uncached -= fresh
    units[partsOf[modality].cached] = fromCache
    units[partsOf[modality].prompt] = fresh
    units[partsOf[modality].completion] = received
  }
  text = completion - reasoning - units.audioOutput - units.imageOutput - units.videoOutput
  if (text < 0) {
    if (reasoning > completion) return 'reasoning'
    return partsOf[largest((modality) => counts[modality]?.completion ?? 0)].completion
  }
  units.input = uncached
  units.cachedInput = cachedText
  units.output = text
  return new Map(Object.entries(units).filter(([, count]) => count > 0) as [Part, number][])
}

/**
 * Splits the tokens of a call into disjoint parts.
 * @throws DomainError `invalid_input` when they do not fit into each other.
 */
export function unitsOfTokens(call: Omit<RecordCostInput, 'projectId'>): Units {
  const { promptTokens: prompt, completionTokens: completion, cachedPromptTokens: cached } = call
  const { cacheWriteTokens: cacheWrite = 0, cacheWrite1hTokens: cacheWrite1h = 0, searches = 0 } = call
  const { audioPromptTokens = 0, cachedAudioPromptTokens, audioCompletionTokens = 0 } = call
  const isText = audioPromptTokens + audioCompletionTokens + cacheWrite + cacheWrite1h + searches === 0
  if (isText && cached <= prompt) return unitsOfText(prompt, cached, completion)
  const known = cachedAudioPromptTokens === undefined ? {} : { cached: cachedAudioPromptTokens }
  const audio = { prompt: audioPromptTokens, completion: audioCompletionTokens, ...known }
  const units = unitsOf({ prompt, completion, cached, cacheWrite, cacheWrite1h, searches, audio })
  if (typeof units === 'string') throw invalidField(units, 'must not be more than the tokens that they are part of')
  return units
}

/** Splits the counts of a plain text call. Separate, because most calls are such and this is faster. */
function unitsOfText(prompt: number, cached: number, completion: number): Units {
  const units = new Map<Part, number>()
  if (prompt > cached) units.set('input', prompt - cached)
  if (cached > 0) units.set('cachedInput', cached)
  if (completion > 0) units.set('output', completion)
  return units.set('request', 1)
}

const NONE = Object.fromEntries(Object.keys(parts).map((part) => [part, 0])) as Record<Part, number>

function largest(countOf: (modality: Modality) => number): Modality {
  return MODALITIES.reduce((most, modality) => (countOf(modality) > countOf(most) ? modality : most))
}
