import {
  type BreakdownKind,
  type BreakdownLine,
  divideHalfEven,
  formatUsd,
  type NanoUsd,
  type ServiceTier,
} from '@mgx/contract'

/**
 * The disjoint parts of a call's usage: the letter that stands for a part in the database, the kind that callers see,
 * and how many millionths of a nano-USD one unit costs for each nano-USD of its rate (per million tokens, per request,
 * per thousand searches).
 */
export const parts = {
  input: { letter: 'i', kind: 'input', scale: 1n },
  imageInput: { letter: 'm', kind: 'input', scale: 1n },
  videoInput: { letter: 'v', kind: 'input', scale: 1n },
  cachedInput: { letter: 'c', kind: 'cachedInput', scale: 1n },
  cachedImageInput: { letter: 'M', kind: 'cachedInput', scale: 1n },
  cachedVideoInput: { letter: 'V', kind: 'cachedInput', scale: 1n },
  cacheWrite: { letter: 'w', kind: 'cacheWrite', scale: 1n },
  cacheWrite1h: { letter: 'W', kind: 'cacheWrite1h', scale: 1n },
  audioInput: { letter: 'a', kind: 'audioInput', scale: 1n },
  cachedAudioInput: { letter: 'A', kind: 'cachedAudioInput', scale: 1n },
  output: { letter: 'o', kind: 'output', scale: 1n },
  reasoning: { letter: 't', kind: 'output', scale: 1n },
  imageOutput: { letter: 'n', kind: 'output', scale: 1n },
  videoOutput: { letter: 'x', kind: 'output', scale: 1n },
  audioOutput: { letter: 'b', kind: 'audioOutput', scale: 1n },
  request: { letter: 'r', kind: 'request', scale: 1_000_000n },
  search: { letter: 's', kind: 'search', scale: 1_000n },
  fileSearch: { letter: 'f', kind: 'search', scale: 1_000n },
} as const satisfies Record<string, { letter: string; kind: BreakdownKind; scale: bigint }>

export type Part = keyof typeof parts

/** A part of a call with its units and its rate in nano-USD. */
export type ChargedPart = { readonly part: Part; readonly units: number; readonly rate: NanoUsd }

/** The service tier that a call was charged in; `other` is one whose rates are not known. */
export type ChargedTier = ServiceTier | 'other'

/** A part of a call for which no rate is known: it costs nothing until it is repriced. */
export type UnratedPart = { readonly part: Part; readonly units: number }

/** How the cost of a call was computed, with the provider and service tier whose rates these are. */
export type Calculation = {
  readonly provider: string | null
  readonly serviceTier: ChargedTier | null
  readonly charged: readonly ChargedPart[]
  readonly unrated: readonly UnratedPart[]
}

const MILLION = 1_000_000n
const partOfLetter = new Map<string, Part>(Object.entries(parts).map(([part, { letter }]) => [letter, part as Part]))

/** Returns the cost of these parts in nano-USD, rounded once, half-even. */
export function totalOf(charged: readonly ChargedPart[]): NanoUsd {
  let millionths = 0n
  for (const line of charged) millionths += millionthsOf(line)
  return divideHalfEven(millionths, MILLION)
}

/** Returns a calculation as callers see it. Its amounts add up to `totalOf` exactly. */
export function toBreakdown({ charged }: Calculation): BreakdownLine[] {
  const lines = merged(charged)
  const amounts = amountsOf(lines)
  return lines.map(({ part, units, rate }, index) => ({
    kind: parts[part].kind,
    units,
    rate: formatUsd(rate),
    amount: formatUsd(amounts[index] ?? 0n),
  }))
}

/** Writes a calculation as compact text, unrated parts without a rate: `openai/batch i1000@2500000000 o500@10000000000 s3`. */
export function writeCalculation({ provider, serviceTier, charged, unrated }: Calculation): string {
  let text = `${provider ?? ''}/${serviceTier ?? ''}`
  for (const { part, units, rate } of charged) text += ` ${parts[part].letter}${units}@${rate}`
  for (const { part, units } of unrated) text += ` ${parts[part].letter}${units}`
  return text
}

/** Reads what {@link writeCalculation} wrote. */
export function readCalculation(text: string): Calculation {
  const [head = '', ...lines] = text.split(' ')
  const [provider, serviceTier] = head.split('/')
  const charged: ChargedPart[] = []
  const unrated: UnratedPart[] = []
  for (const line of lines) {
    const part = partOfLetter.get(line.charAt(0))
    if (!part) throw new Error('a cost record has a breakdown that this version does not know')
    const [units, rate] = line.slice(1).split('@')
    if (rate === undefined) unrated.push({ part, units: Number(units) })
    else charged.push({ part, units: Number(units), rate: BigInt(rate) })
  }
  return { provider: provider || null, serviceTier: (serviceTier || null) as ChargedTier | null, charged, unrated }
}

function millionthsOf({ part, units, rate }: ChargedPart): bigint {
  return BigInt(units) * rate * parts[part].scale
}

/** Adds up parts of the same kind and rate, which callers cannot tell apart. */
function merged(charged: readonly ChargedPart[]): ChargedPart[] {
  const lines: ChargedPart[] = []
  for (const line of charged) {
    const same = lines.findIndex(({ part, rate }) => rate === line.rate && parts[part].kind === parts[line.part].kind)
    const other = lines[same]
    if (other) lines[same] = { ...other, units: other.units + line.units }
    else lines.push(line)
  }
  return lines
}

/** Rounds each amount down, then adds the nano-USD missing from the total to the amounts that lost the most. */
function amountsOf(charged: readonly ChargedPart[]): NanoUsd[] {
  const exact = charged.map(millionthsOf)
  const amounts = exact.map((millionths) => millionths / MILLION)
  let missing = totalOf(charged)
  for (const amount of amounts) missing -= amount
  if (missing === 0n) return amounts
  const byLoss = exact.map((_, index) => index).sort((a, b) => Number(lost(exact[b]) - lost(exact[a])))
  for (const index of byLoss.slice(0, Number(missing))) amounts[index] = (amounts[index] ?? 0n) + 1n
  return amounts
}

const lost = (millionths = 0n): bigint => millionths % MILLION
