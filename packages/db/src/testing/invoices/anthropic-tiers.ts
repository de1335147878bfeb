import { message, usage } from './anthropic.js'
import type { Invoice } from './invoice.js'

/** Messages of Anthropic at a service tier, with thoughts, or streamed. */
export const anthropicTierInvoices: readonly Invoice[] = [
  {
    name: 'an Anthropic message of a batch, at half of every rate of the cache too',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-5-20250929', {
        ...usage(800, { minutes: 0, hour: 2048, read: 2048 }, 400),
        service_tier: 'batch',
      }),
    },
    // 1,200 + 307.2 + 6,144 + 3,000
    totalCost: '0.0106512',
    expect: {
      model: 'claude-sonnet-4-5-20250929',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 4896,
      cachedPromptTokens: 2048,
      completionTokens: 400,
      lines: [
        ['input', 800, '1.5'],
        ['cachedInput', 2048, '0.15'],
        ['cacheWrite1h', 2048, '3'],
        ['output', 400, '7.5'],
      ],
    },
  },
  {
    name: 'an Anthropic message of a batch, whose search is not cheaper',
    input: {
      provider: 'anthropic',
      response: message('claude-haiku-4-5-20251001', {
        ...usage(6000, { minutes: 1600, hour: 0, read: 0 }, 300),
        server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
        service_tier: 'batch',
      }),
    },
    // 3,000 + 1,000 + 750 + 10,000
    totalCost: '0.01475',
    expect: {
      model: 'claude-haiku-4-5-20251001',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 7600,
      cachedPromptTokens: 0,
      completionTokens: 300,
      lines: [
        ['input', 6000, '0.5'],
        ['cacheWrite', 1600, '0.625'],
        ['output', 300, '2.5'],
        ['search', 1, '10'],
      ],
    },
  },
  {
    name: 'an Anthropic message at the priority tier, for which the catalogue has no rate',
    input: {
      provider: 'anthropic',
      response: message('claude-opus-4-8', {
        ...usage(1000, { minutes: 0, hour: 0, read: 0 }, 200),
        service_tier: 'priority',
      }),
    },
    // 5,000 + 5,000
    totalCost: '0.01',
    expect: {
      model: 'claude-opus-4-8',
      canonicalModel: 'claude-opus-4-8',
      promptTokens: 1000,
      cachedPromptTokens: 0,
      completionTokens: 200,
      lines: [
        ['input', 1000, '5'],
        ['output', 200, '25'],
      ],
      unpriced: ['serviceTier'],
    },
  },
  {
    name: 'an Anthropic message that thought, charged as output',
    input: {
      provider: 'anthropic',
      response: message('claude-opus-5-5', {
        ...usage(95, { minutes: 0, hour: 0, read: 0 }, 1240),
        output_tokens_details: { thinking_tokens: 1011 },
        service_tier: 'standard',
      }),
    },
    // 380 + 24,800
    totalCost: '0.02518',
    expect: {
      model: 'claude-opus-5-5',
      canonicalModel: 'claude-opus-5-5',
      promptTokens: 95,
      cachedPromptTokens: 0,
      completionTokens: 1240,
      lines: [
        ['input', 95, '4'],
        ['output', 1240, '20'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed Anthropic message ends',
    input: {
      provider: 'anthropic',
      model: 'claude-sonnet-4-6',
      usage: {
        input_tokens: 472,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 1536,
        output_tokens: 89,
        server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
      },
    },
    // 1,416 + 460.8 + 1,335
    totalCost: '0.0032118',
    expect: {
      model: 'claude-sonnet-4-6',
      canonicalModel: 'claude-sonnet-4-6',
      promptTokens: 2008,
      cachedPromptTokens: 1536,
      completionTokens: 89,
      lines: [
        ['input', 472, '3'],
        ['cachedInput', 1536, '0.3'],
        ['output', 89, '15'],
      ],
    },
  },
  {
    name: 'the usage of a streamed Anthropic message that wrote to the cache for an hour',
    input: {
      provider: 'anthropic',
      model: 'claude-sonnet-5',
      usage: { ...usage(3, { minutes: 0, hour: 4512, read: 0 }, 118), service_tier: 'standard' },
    },
    // 6 + 18,048 + 1,180
    totalCost: '0.019234',
    expect: {
      model: 'claude-sonnet-5',
      canonicalModel: 'claude-sonnet-5',
      promptTokens: 4515,
      cachedPromptTokens: 0,
      completionTokens: 118,
      lines: [
        ['input', 3, '2'],
        ['cacheWrite1h', 4512, '4'],
        ['output', 118, '10'],
      ],
    },
  },
]
