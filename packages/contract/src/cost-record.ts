import { z } from 'zod'
import { Budget } from './budget.js'
import { type Reason, reasons } from './errors.js'
import {
  completionTokens,
  id,
  idempotencyKey,
  instant,
  instantInput,
  inWords,
  optionalText,
  promptTokens,
  text,
  tokens,
  usd,
  usdInput,
} from './fields.js'
import { MAX_TIMELINE_RECORDS } from './limits.js'
import { pageInput } from './page.js'
import { costFields, responseFields, UsageSource, usageFields, withTokenParts } from './usage.js'

/** Where the cost of a record came from: the caller, the price catalogue, a price override, or an adjustment. */
export const PriceSource = z.enum(['caller', 'catalogue', 'override', 'adjustment'])
export type PriceSource = z.infer<typeof PriceSource>

/** What a line of a breakdown is charged for. */
export const BreakdownKind = z.enum([
  'input',
  'cachedInput',
  'cacheWrite',
  'cacheWrite1h',
  'output',
  'audioInput',
  'cachedAudioInput',
  'audioOutput',
  'request',
  'search',
])
export type BreakdownKind = z.infer<typeof BreakdownKind>

/** One part of a cost. */
export const BreakdownLine = z
  .object({
    kind: BreakdownKind,
    units: tokens.describe('Tokens, requests or searches.'),
    rate: usd.describe('USD per million tokens, per request, or per thousand searches.'),
    amount: usd.describe('USD. The amounts of a breakdown add up to the total exactly.'),
  })
  .meta({ id: 'BreakdownLine' })
export type BreakdownLine = z.infer<typeof BreakdownLine>

/** How a cost was computed. */
export const Breakdown = z.array(BreakdownLine).meta({ kind: 'breakdown' })

/** What a call used that its cost does not include, because no rate is known. */
export const unpriced = z.array(z.string()).meta({
  kind: 'words',
  description:
    'What the cost does not include, because its rate is unknown: a kind such as `search`, a tool such as `codeInterpreter`, or `serviceTier` when the standard rates were applied instead.',
})

export const CostRecord = z
  .object({
    id,
    projectId: id,
    model: z.string().describe('The name that the caller or the provider gave.'),
    canonicalModel: z
      .string()
      .nullable()
      .describe(
        'The name of the model without date and gateway, for reports; null when no price rule knows the model.',
      ),
    promptTokens,
    completionTokens,
    cachedPromptTokens: tokens.describe('Prompt tokens the provider read from its cache.'),
    totalCost: usd.describe('USD; negative only in an adjustment.'),
    actionType: z.string().nullable(),
    usageSource: UsageSource.describe('Where the token counts come from. `estimated`: they were not counted.'),
    priceSource: PriceSource,
    priceId: id.nullable().describe('The override that the cost was computed from, if any.'),
    breakdown: Breakdown.nullable().describe('How the cost was computed; null when the caller gave it.'),
    unpriced,
    reservationId: id.nullable(),
    correctsRecordId: id.nullable().describe('The cost record that an adjustment of `prices.reprice` corrects.'),
    createdAt: instant,
  })
  .meta({ id: 'CostRecord' })
export type CostRecord = z.infer<typeof CostRecord>

export const RecordCostInput = withTokenParts(
  z.strictObject({ projectId: id, ...costFields, idempotencyKey: idempotencyKey.optional() }),
).meta({ id: 'RecordCostInput' })
export type RecordCostInput = z.infer<typeof RecordCostInput>

const recordUsageFields = { projectId: id, idempotencyKey: idempotencyKey.optional() }

export const RecordUsageInput = z.union([
  z.strictObject({ ...recordUsageFields, ...responseFields }),
  z.strictObject({ ...recordUsageFields, ...usageFields }),
])
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

export const CostId = z.strictObject({ id })

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

export const CostTimelineInput = z.strictObject({
  projectId: id,
  points: z.int().min(2).max(500).default(200).describe('The most items in `points`, 2 to 500.'),
})
export type CostTimelineInput = z.infer<typeof CostTimelineInput>

/** What a project had spent at an instant. */
export const CostPoint = z
  .object({
    at: instant,
    totalCost: usd.describe('USD; the sum of all cost records up to this instant.'),
    records: z.int().min(1).describe('How many cost records there are since the point before.'),
  })
  .meta({ id: 'CostPoint' })

export const CostTimeline = z
  .object({ points: z.array(CostPoint).describe('Oldest first; the last one has the total of the project.') })
  .meta({
    id: 'CostTimeline',
    description: `What a project spent over time, exact at each point. The newest ${inWords(MAX_TIMELINE_RECORDS)} cost records are spread over the points; before them, a point is the end of a UTC day.`,
  })
export type CostTimeline = z.infer<typeof CostTimeline>

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
