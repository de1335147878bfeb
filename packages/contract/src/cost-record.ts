import { z } from 'zod'
import { Budget } from './budget.js'
import { type Reason, reasons } from './errors.js'
import {
  completionTokens,
  id,
  idempotencyKey,
  instant,
  instantInput,
  model,
  optionalText,
  promptTokens,
  text,
  tokens,
  usd,
  usdInput,
} from './fields.js'
import { jsonObject } from './metadata.js'
import { pageInput } from './page.js'

/** Where the cost of a record came from: the caller, the price catalogue, a price override, or an adjustment. */
export const PriceSource = z.enum(['caller', 'catalogue', 'override', 'adjustment'])
export type PriceSource = z.infer<typeof PriceSource>

export const CostRecord = z
  .object({
    id,
    projectId: id,
    model: z.string(),
    promptTokens,
    completionTokens,
    cachedPromptTokens: tokens.describe('Prompt tokens the provider read from its cache.'),
    totalCost: usd.describe('USD; negative only in an adjustment.'),
    actionType: z.string().nullable(),
    priceSource: PriceSource,
    reservationId: id.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'CostRecord' })
export type CostRecord = z.infer<typeof CostRecord>

/** The fields a caller sends about one model call. */
export const costFields = {
  model,
  promptTokens,
  completionTokens,
  cachedPromptTokens: tokens.default(0).describe('How many of the prompt tokens came from the cache.'),
  totalCost: usdInput.optional().describe('USD. Without it, the server prices the call.'),
  actionType: text(100).nullish(),
}

/** Rejects more cached prompt tokens than prompt tokens, once every field is valid by itself. */
export const withCachedTokens = <Call extends z.ZodType<{ cachedPromptTokens: number; promptTokens: number }>>(
  schema: Call,
) =>
  schema.refine(({ cachedPromptTokens, promptTokens }) => cachedPromptTokens <= promptTokens, {
    path: ['cachedPromptTokens'],
    error: 'must not be more than promptTokens',
    when: ({ issues }) => issues.length === 0,
  })

/** The tokens of one model call. */
export const CallUsage = withCachedTokens(
  z.strictObject({ model, promptTokens, completionTokens, cachedPromptTokens: tokens }),
)

export const RecordCostInput = withCachedTokens(
  z.strictObject({ projectId: id, ...costFields, idempotencyKey: idempotencyKey.optional() }),
).meta({ id: 'RecordCostInput' })
export type RecordCostInput = z.infer<typeof RecordCostInput>

/** The providers whose response bodies `costs.recordUsage` reads; each name stands for a body format. */
export const UsageProvider = z.enum(['openai', 'anthropic', 'google'])
export type UsageProvider = z.infer<typeof UsageProvider>

export const RecordUsageInput = z.strictObject({
  projectId: id,
  provider: UsageProvider,
  response: jsonObject.meta({
    description:
      'The response body as the provider sent it: OpenAI chat completions, responses, images or embeddings; Anthropic messages; Gemini generateContent.',
    examples: [{ model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500 } }],
  }),
  model: model.optional().describe('The model; used only when the body does not name it.'),
  actionType: text(100).nullish(),
  idempotencyKey: idempotencyKey.optional(),
})
export type RecordUsageInput = z.infer<typeof RecordUsageInput>

export const RecordedCost = z.object({ record: CostRecord, budget: Budget })
export type RecordedCost = z.infer<typeof RecordedCost>

export const RecordManyInput = z.strictObject({ records: z.array(RecordCostInput).min(1).max(1000) })
export type RecordManyInput = z.infer<typeof RecordManyInput>

const reason = z.enum(Object.keys(reasons) as [Reason, ...Reason[]])

/** The outcome for one item of `costs.recordMany`: its cost record, or why it was refused. */
export const RecordManyResult = z
  .discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), record: CostRecord }),
    z.object({ ok: z.literal(false), error: z.object({ reason, message: z.string() }) }),
  ])
  .meta({ id: 'RecordManyResult' })
export type RecordManyResult = z.infer<typeof RecordManyResult>

export const RecordManyOutput = z.object({ results: z.array(RecordManyResult).describe('In the order of the input.') })

export const ListCostsInput = z.strictObject({
  projectId: id,
  actionType: optionalText(100).optional(),
  model: optionalText(200).optional(),
  from: instantInput.optional().describe('ISO-8601; only records created at or after this instant.'),
  to: instantInput.optional().describe('ISO-8601; only records created before this instant.'),
  ...pageInput,
})
export type ListCostsInput = z.infer<typeof ListCostsInput>

/** Not an integer schema: a sum of large counts can exceed 2^53, past which JSON numbers are inexact. */
const tokenSum = z.number().min(0).describe('Tokens; exact up to 2^53.')

export const CostTotalInput = z.strictObject({ projectId: id })
export const CostTotal = z
  .object({
    totalCost: usd,
    records: z.int().min(0),
    promptTokens: tokenSum,
    completionTokens: tokenSum,
  })
  .meta({ id: 'CostTotal' })
export type CostTotal = z.infer<typeof CostTotal>

export const AdjustCostInput = z.strictObject({
  projectId: id,
  totalCost: usdInput.meta({ description: 'USD; the new total of the project.', examples: ['2.5'] }),
  reason: text(1_000).meta({
    description: 'The reason for the correction; kept in the audit log.',
    examples: ['The provider gave money back'],
  }),
  idempotencyKey: idempotencyKey.optional(),
})
export type AdjustCostInput = z.infer<typeof AdjustCostInput>
