import {
  AdjustCostInput,
  CreateProjectInput,
  RecordCostInput,
  RecordUsageInput,
  ReserveInput,
  SetPriceInput,
  SettleInput,
} from '@mgx/contract'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { contentHash } from '../content-hash.js'
import { priceContent } from '../prices/override-period.js'
import { EVERYTHING } from '../scope.js'
import { usageCounts } from '../testing/usage-bodies.js'
import { projectContent } from './core/projects.js'
import { adjustOperation, detailsContent, recordOperation, reserveOperation, settleOperation } from './operations.js'

const requester = { actor: 'user:1', credential: null, requestId: 'r', address: null }
const hashOf = (operation: object) => (operation as { requestHash: string }).requestHash

const call = {
  model: 'gpt-4o',
  promptTokens: 10,
  completionTokens: 5,
  cachedPromptTokens: 1,
  totalCost: '1',
  actionType: 'a',
}
const otherCall = {
  model: 'gpt-4',
  promptTokens: 11,
  completionTokens: 6,
  cachedPromptTokens: 2,
  totalCost: '2',
  actionType: 'b',
}
const response = { usage: { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { audio_tokens: 1 } } }
const more = {
  cacheWriteTokens: 1,
  cacheWrite1hTokens: 1,
  audioPromptTokens: 2,
  cachedAudioPromptTokens: 1,
  audioCompletionTokens: 1,
  searches: 1,
  provider: 'openai',
  serviceTier: 'batch',
  usageSource: 'estimated',
}
const otherMore = {
  cacheWriteTokens: 2,
  cacheWrite1hTokens: 2,
  audioPromptTokens: 3,
  cachedAudioPromptTokens: 0,
  audioCompletionTokens: 2,
  searches: 2,
  provider: 'azure',
  serviceTier: 'flex',
  usageSource: 'caller',
}
const anthropic = { usage: { input_tokens: 10, output_tokens: 5 } }
const [byAmount, byModel] = ReserveInput.options
const [ofTokens, ofResponse, ofUsage] = SettleInput.options
const [byResponse, byUsage] = RecordUsageInput.options

const rates = (usd: string) => ({
  cacheWritePrice: usd,
  cacheWrite1hPrice: usd,
  audioInputPrice: usd,
  cachedAudioInputPrice: usd,
  audioOutputPrice: usd,
  requestPrice: usd,
  searchPrice: usd,
})
const bounds = {
  ...{ model: 'a', maxPromptTokens: 1, maxCompletionTokens: 1, maxSearches: 1 },
  ...{ provider: 'openai', cacheWrites: true, serviceTier: 'batch' },
}
const otherBounds = {
  ...{ model: 'b', maxPromptTokens: 2, maxCompletionTokens: 2, maxSearches: 2 },
  ...{ provider: 'azure', cacheWrites: false, serviceTier: 'flex' },
}
const reported = { provider: 'openai', model: 'gpt-4o', serviceTier: 'batch', actionType: 'a' }
const otherReported = { provider: 'azure', model: 'gpt-4', serviceTier: 'flex', actionType: 'b' }
const otherResponse = { usage: { ...response.usage, prompt_tokens_details: { audio_tokens: 2 } } }

/** Adds the counts of another provider, whose form reads other fields. */
const readByBoth = (input: { response: typeof response }): never =>
  ({ ...input, response: { usage: { ...anthropic.usage, ...input.response.usage } } }) as never

type Operation = {
  schema: { shape: Record<string, z.ZodType> }
  /** Two inputs that differ in every field. */
  inputs: [object, object]
  hash(input: never): string
  /** Fields that identify the target or the call itself and are not part of its content. */
  names: string[]
}

const operations: Record<string, Operation> = {
  record: {
    schema: RecordCostInput,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', ...call, ...more },
      { projectId: 2, idempotencyKey: 'b', ...otherCall, ...otherMore },
    ],
    hash: (input) => hashOf(recordOperation(EVERYTHING, input)),
    names: ['projectId', 'idempotencyKey'],
  },
  settle: {
    schema: ofTokens,
    inputs: [
      { reservationId: 1, ...call, ...more },
      { reservationId: 2, ...otherCall, ...otherMore },
    ],
    hash: (input) => hashOf(settleOperation(EVERYTHING, input)),
    names: ['reservationId'],
  },
  'recordUsage of a response': {
    schema: byResponse,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', ...reported, response },
      { projectId: 2, idempotencyKey: 'b', ...otherReported, response: otherResponse },
    ],
    hash: (input: { response: typeof response }) => hashOf(recordOperation(EVERYTHING, readByBoth(input))),
    names: ['projectId', 'idempotencyKey'],
  },
  'recordUsage of a usage object': {
    schema: byUsage,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', ...reported, usage: response.usage },
      { projectId: 2, idempotencyKey: 'b', ...otherReported, usage: otherResponse.usage },
    ],
    hash: (input) => hashOf(recordOperation(EVERYTHING, input)),
    names: ['projectId', 'idempotencyKey'],
  },
  'settle with a response': {
    schema: ofResponse,
    inputs: [
      { reservationId: 1, ...reported, response },
      { reservationId: 2, ...otherReported, response: otherResponse },
    ],
    hash: (input: { response: typeof response }) => hashOf(settleOperation(EVERYTHING, readByBoth(input))),
    names: ['reservationId'],
  },
  'settle with a usage object': {
    schema: ofUsage,
    inputs: [
      { reservationId: 1, ...reported, usage: response.usage },
      { reservationId: 2, ...otherReported, usage: otherResponse.usage },
    ],
    hash: (input) => hashOf(settleOperation(EVERYTHING, input)),
    names: ['reservationId'],
  },
  'reserve by amount': {
    schema: byAmount,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', ttlSeconds: 1, amount: '1' },
      { projectId: 2, idempotencyKey: 'b', ttlSeconds: 2, amount: '2' },
    ],
    hash: (input) => hashOf(reserveOperation(EVERYTHING, input)),
    names: ['projectId', 'idempotencyKey'],
  },
  'reserve by model': {
    schema: byModel,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', ttlSeconds: 1, ...bounds },
      { projectId: 2, idempotencyKey: 'b', ttlSeconds: 2, ...otherBounds },
    ],
    hash: (input) => hashOf(reserveOperation(EVERYTHING, input)),
    names: ['projectId', 'idempotencyKey'],
  },
  adjust: {
    schema: AdjustCostInput,
    inputs: [
      { projectId: 1, idempotencyKey: 'a', totalCost: '1', reason: 'a' },
      { projectId: 2, idempotencyKey: 'b', totalCost: '2', reason: 'b' },
    ],
    hash: (input) => hashOf(adjustOperation(EVERYTHING, input, requester)),
    names: ['projectId', 'idempotencyKey'],
  },
  'create a project': {
    schema: CreateProjectInput,
    inputs: [
      {
        userId: 1,
        idempotencyKey: 'a',
        name: 'a',
        idea: 'a',
        description: 'a',
        investment: '1',
        metadata: { a: { b: 1 } },
      },
      {
        userId: 2,
        idempotencyKey: 'b',
        name: 'b',
        idea: 'b',
        description: 'b',
        investment: '2',
        metadata: { a: { b: 2 } },
      },
    ],
    hash: (input) => contentHash(projectContent(input)),
    names: ['userId', 'idempotencyKey'],
  },
  'set a price': {
    schema: SetPriceInput,
    inputs: [
      {
        idempotencyKey: 'a',
        model: 'a',
        inputPrice: '1',
        outputPrice: '1',
        cachedPrice: '1',
        ...rates('1'),
        aliases: ['x'],
        pattern: 'x*',
        tiers: [{ abovePromptTokens: 1, inputPrice: '1' }],
        serviceTiers: { batch: 0.5 },
        effectiveFrom: '2090-01-01T00:00:00.000Z',
        effectiveTo: '2091-01-01T00:00:00.000Z',
      },
      {
        idempotencyKey: 'b',
        model: 'b',
        inputPrice: '2',
        outputPrice: '2',
        cachedPrice: '2',
        ...rates('2'),
        aliases: ['y'],
        pattern: 'y*',
        tiers: [{ abovePromptTokens: 2, inputPrice: '1' }],
        serviceTiers: { batch: 0.4 },
        effectiveFrom: '2090-01-02T00:00:00.000Z',
        effectiveTo: '2091-01-02T00:00:00.000Z',
      },
    ],
    hash: (input) => contentHash(priceContent(input)),
    names: ['idempotencyKey'],
  },
}

test.each(Object.entries(operations))('every field of %s is in its content or identifies the call', (_, operation) => {
  const { schema, inputs, hash, names } = operation
  const [one, other] = inputs as [Record<string, unknown>, Record<string, unknown>]
  const contentOf = hash as (input: object) => string
  const fields = Object.keys(schema.shape).sort()
  expect([Object.keys(one).sort(), Object.keys(other).sort()]).toEqual([fields, fields])
  const counted = fields.filter((field) => contentOf({ ...one, [field]: other[field] }) !== contentOf(one))
  expect(counted).toEqual(fields.filter((field) => !names.includes(field)))
})

test('the content of a body has every detail that the library reads today, and none that it may read later', () => {
  const known = Object.keys(detailsContent({ reported: { smells: 1 } }) ?? {})
  expect(new Set(usageCounts.map(({ kind }) => kind))).toEqual(new Set(known))
  const details = { input_tokens: 1, web_searches: 2 }
  const content = (more: object) => contentHash([detailsContent({ reported: { ...details, ...more } })])
  expect(content({ smells: 5 })).toBe(content({}))
})
