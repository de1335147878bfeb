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
import type { Price, Usage } from '../prices/price.js'
import type { CallToPrice } from '../prices/price-call.js'
import { readUsage } from '../prices/provider-usage.js'
import type { Scope } from '../scope.js'
import type { AdjustOperation } from './core/operation.js'
import type { PendingOperation } from './core/pricing.js'

/** Each of these functions turns the input of a call into its operation. */
export function recordOperation(scope: Scope, input: RecordCostInput): PendingOperation {
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
  const { model, maxPromptTokens: promptTokens, maxCompletionTokens: completionTokens } = input
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens: 0, actionType: null }
  const requestHash = contentHash([model, promptTokens, completionTokens, ttlSeconds])
  return { toPrice: { usage }, requestHash, ...hold }
}

export function adjustOperation(scope: Scope, input: AdjustCostInput, requester: Requester): AdjustOperation {
  const { projectId, totalCost, reason, idempotencyKey = null } = input
  const requestHash = contentHash(['adjust', totalCost, reason])
  const total = parseUsd(totalCost)
  return { kind: 'adjust', scope, projectId, total, reason, idempotencyKey, requestHash, ...requester }
}

/** @throws DomainError `invalid_input` when the response is not a valid body of the provider. */
export function usageOperation(scope: Scope, input: RecordUsageInput): PendingOperation {
  const { projectId, idempotencyKey = null } = input
  const toPrice = readUsage(input)
  const { usage, providerId } = toPrice
  const requestHash = contentHash([...usageContent(usage), null, providerId, detailsContent(toPrice)])
  return { kind: 'record', scope, projectId, idempotencyKey, usage, toPrice, requestHash }
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

export function detailsContent({ details }: CallToPrice): object | null {
  return details ? Object.fromEntries(DETAILS.map((name) => [name, details[name]])) : null
}

/** Returns the content of a call, field by field, because fields added to `Usage` later are not in old contents. */
function usageContent(usage: Usage): unknown[] {
  const { model, promptTokens, completionTokens, cachedPromptTokens, actionType } = usage
  return [model, promptTokens, completionTokens, cachedPromptTokens, actionType]
}

type Call = Omit<SettleInput, 'reservationId'>
type ChargeAsked = { usage: Usage; requestHash: string } & ({ price: Price } | { toPrice: CallToPrice })

/** A cost given by the caller takes precedence over pricing the call here. */
function chargeOf(call: Call): ChargeAsked {
  const { model, promptTokens, completionTokens, cachedPromptTokens, totalCost } = call
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, actionType: call.actionType ?? null }
  const requestHash = contentHash([...usageContent(usage), totalCost ?? null])
  if (totalCost === undefined) return { usage, requestHash, toPrice: { usage } }
  return { usage, requestHash, price: { amount: parseUsd(totalCost), source: 'caller' } }
}
