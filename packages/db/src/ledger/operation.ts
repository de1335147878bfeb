import type { RecordUsageInput } from '@mgx/contract'
import { contentHash } from '../content-hash.js'
import type { CallToPrice } from '../prices/price-call.js'
import { readUsage } from '../prices/provider-usage.js'
import type { Scope } from '../scope.js'
import { operationsWith, usageContent } from './core/operations.js'
import type { PendingOperation } from './core/pricing.js'

export const {
  record: recordOperation,
  settle: settleOperation,
  reserve: reserveOperation,
  adjust: adjustOperation,
} = operationsWith(contentHash)

/** @throws DomainError `invalid_input` when the response is not a body of the provider. */
export function usageOperation(scope: Scope, input: RecordUsageInput): PendingOperation {
  const { projectId, idempotencyKey = null } = input
  const toPrice = readUsage(input)
  const { usage, providerId } = toPrice
  const requestHash = contentHash([...usageContent(usage), null, providerId, detailsContent(toPrice)])
  return { kind: 'record', scope, projectId, idempotencyKey, usage, toPrice, requestHash }
}

/** The details that a content has: what the library may learn to read one day is not in old contents. */
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
