import {
  type AdjustCostInput,
  parseUsd,
  type RecordCostInput,
  type RecordUsageInput,
  type ReserveInput,
  type SettleInput,
} from '@mgx/contract'
import type { Requester } from '../audit/audit-log.js'
import { contentHash } from '../content-hash.js'
import type { Usage } from '../prices/price.js'
import type { CallToPrice } from '../prices/price-call.js'
import { type ReportedCall, readUsage } from '../prices/provider-usage.js'
import { unitsOfTokens } from '../prices/units.js'
import type { Scope } from '../scope.js'
import type { AdjustOperation } from './core/operation.js'
import type { PendingOperation } from './core/pricing.js'

/**
 * Each of these functions turns the input of a call into its operation.
 * @throws DomainError `invalid_input` when the response of a provider cannot be read.
 */
export function recordOperation(scope: Scope, input: RecordCostInput | RecordUsageInput): PendingOperation {
  const { projectId, idempotencyKey = null } = input
  return { kind: 'record', scope, projectId, idempotencyKey, ...chargeOf(input) }
}

export function settleOperation(scope: Scope, input: SettleInput): PendingOperation {
  return { kind: 'settle', scope, reservationId: input.reservationId, ...chargeOf(input) }
}

export function reserveOperation(scope: Scope, input: ReserveInput): PendingOperation {
  const { projectId, ttlSeconds, idempotencyKey = null } = input
  const hold = { kind: 'reserve', scope, projectId, ttlSeconds, idempotencyKey } as const
  if ('amount' in input) {
    return { amount: parseUsd(input.amount), requestHash: contentHash([input.amount, ttlSeconds]), ...hold }
  }
  const { model, maxPromptTokens, maxCompletionTokens } = input
  const { provider, cacheWrites = true, serviceTier, maxSearches = 0 } = input
  const later = laterFields({
    provider,
    cacheWrites: cacheWrites ? undefined : false,
    serviceTier,
    maxSearches: maxSearches || undefined,
  })
  const requestHash = contentHash([model, maxPromptTokens, maxCompletionTokens, ttlSeconds, ...later])
  const bounds = { model, maxPromptTokens, maxCompletionTokens, maxSearches, cacheWrites, provider, serviceTier }
  return { bounds, requestHash, ...hold }
}

export function adjustOperation(scope: Scope, input: AdjustCostInput, requester: Requester): AdjustOperation {
  const { projectId, totalCost, reason, idempotencyKey = null } = input
  const requestHash = contentHash(['adjust', totalCost, reason])
  const total = parseUsd(totalCost)
  return { kind: 'adjust', scope, projectId, total, reason, idempotencyKey, requestHash, requester }
}

/** The details in a content. Fixed, because details that the library learns to read later are not in old contents. */
const DETAILS = [
  ...['input_tokens', 'input_text_tokens', 'input_audio_tokens', 'input_image_tokens', 'input_video_tokens'],
  ...['output_tokens', 'output_text_tokens', 'output_audio_tokens', 'output_image_tokens', 'output_video_tokens'],
  ...['cache_read_tokens', 'cache_text_read_tokens', 'cache_audio_read_tokens', 'cache_image_read_tokens'],
  ...['cache_video_read_tokens', 'cache_write_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['input_tool_tokens', 'input_text_tool_tokens', 'input_audio_tool_tokens', 'input_image_tool_tokens'],
  ...['input_video_tool_tokens', 'output_reasoning_tokens', 'web_searches'],
]

/** Counts that are in the usage itself; a body that has no others has no details. */
const PLAIN = new Set(['input_tokens', 'output_tokens', 'cache_read_tokens'])

export function detailsContent({ reported = {} }: Pick<CallToPrice, 'reported'>): object | null {
  const hasDetails = Object.entries(reported).some(([name, count]) => !PLAIN.has(name) && count)
  return hasDetails ? Object.fromEntries(DETAILS.map((name) => [name, reported[name]])) : null
}

/** Returns the content of a call, field by field, because fields added to `Usage` later are not in old contents. */
function usageContent(usage: Usage): unknown[] {
  const { model, promptTokens, completionTokens, cachedPromptTokens, actionType } = usage
  return [model, promptTokens, completionTokens, cachedPromptTokens, actionType]
}

type TokensCall = Omit<RecordCostInput, 'projectId' | 'idempotencyKey'>
type ChargeAsked = { usage: Usage; requestHash: string; toPrice: CallToPrice }

function chargeOf(call: TokensCall | ReportedCall): ChargeAsked {
  return 'promptTokens' in call ? tokensCharge(call) : reportedCharge(call)
}

function tokensCharge(call: TokensCall): ChargeAsked {
  const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost, actionType = null } = call
  const { usageSource = 'caller', provider, serviceTier } = call
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType, usageSource }
  const requestHash = contentHash([...usageContent(usage), totalCost ?? null, ...laterContent(call)])
  const price = totalCost === undefined ? {} : { totalCost: parseUsd(totalCost) }
  return { usage, requestHash, toPrice: { usage, units: unitsOfTokens(call), provider, serviceTier, ...price } }
}

/** Returns the fields that contents did not have at first, for those that do not have their defaults. */
function laterContent(call: TokensCall): object[] {
  return laterFields({
    cacheWriteTokens: call.cacheWriteTokens || undefined,
    cacheWrite1hTokens: call.cacheWrite1hTokens || undefined,
    audioPromptTokens: call.audioPromptTokens || undefined,
    cachedAudioPromptTokens: call.cachedAudioPromptTokens,
    audioCompletionTokens: call.audioCompletionTokens || undefined,
    searches: call.searches || undefined,
    provider: call.provider,
    serviceTier: call.serviceTier === 'standard' ? undefined : call.serviceTier,
    usageSource: call.usageSource === 'estimated' ? call.usageSource : undefined,
  })
}

/** Returns the end of a content: an object of these fields, which leaves out undefined ones; nothing when all are. */
function laterFields(fields: Readonly<Record<string, unknown>>): object[] {
  for (const name in fields) if (fields[name] !== undefined) return [fields]
  return []
}

function reportedCharge(call: ReportedCall): ChargeAsked {
  const toPrice = readUsage(call)
  const { usage, provider } = toPrice
  const later = laterFields({ serviceTier: call.serviceTier })
  const requestHash = contentHash([...usageContent(usage), null, provider, detailsContent(toPrice), ...later])
  return { usage, requestHash, toPrice }
}
