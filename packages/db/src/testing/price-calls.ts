import type { RecordCostInput } from '@mgx/contract'
import type { OverrideRule } from '../prices/override-rule.js'
import type { CallToPrice } from '../prices/price-call.js'
import { type PriceRules, priceRules } from '../prices/price-rules.js'
import { unitsOfTokens } from '../prices/units.js'

type Tokens = Omit<RecordCostInput, 'projectId'>

/** Returns a call of these tokens, as the ledger prices it. */
export function callOf(tokens: Partial<Tokens> & { model: string }): CallToPrice {
  const call = { promptTokens: 0, completionTokens: 0, cachedPromptTokens: 0, ...tokens }
  const usage = { ...call, actionType: null, usageSource: 'caller' } as const
  return { usage, units: unitsOfTokens(call), provider: call.provider, serviceTier: call.serviceTier }
}

/** Returns an override, in force at every instant unless `changes` say otherwise; rates in nano-USD. */
export function overrideOf({ rates, ...changes }: OverrideChanges): OverrideRule {
  return {
    id: 1,
    model: 'ours',
    aliases: [],
    pattern: null,
    effectiveFrom: '0001-01-01T00:00:00.000Z',
    effectiveTo: null,
    tiers: [],
    serviceTiers: {},
    ...changes,
    rates: { ...NO_RATES, input: 0n, output: 0n, ...rates },
  }
}

/** Returns rules with these overrides. */
export function rulesOf(...overrides: OverrideChanges[]): PriceRules {
  return priceRules(overrides.map((changes, index) => overrideOf({ id: index + 1, ...changes })))
}

type OverrideChanges = Partial<Omit<OverrideRule, 'rates'> & { rates: Partial<OverrideRule['rates']> }>

const NO_RATES = {
  cachedInput: null,
  cacheWrite: null,
  cacheWrite1h: null,
  audioInput: null,
  cachedAudioInput: null,
  audioOutput: null,
  request: null,
  search: null,
}
