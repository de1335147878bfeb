import type { Body, Invoice } from './invoice.js'

/** Messages of Anthropic, whose input tokens count neither cached reads nor cache writes. */
export const anthropicInvoices: readonly Invoice[] = [
  {
    name: 'an Anthropic message that read from its cache, wrote to it and searched the web',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-5-20250929', {
        input_tokens: 2095,
        cache_creation_input_tokens: 2051,
        cache_read_input_tokens: 2051,
        cache_creation: { ephemeral_5m_input_tokens: 2051, ephemeral_1h_input_tokens: 0 },
        output_tokens: 503,
        server_tool_use: { web_search_requests: 1 },
        service_tier: 'standard',
      }),
    },
    // 6,285 + 615.3 + 7,691.25 + 7,545 + 10,000
    totalCost: '0.03213655',
    expect: {
      model: 'claude-sonnet-4-5-20250929',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 6197,
      cachedPromptTokens: 2051,
      completionTokens: 503,
      lines: [
        ['input', 2095, '3'],
        ['cachedInput', 2051, '0.3'],
        ['cacheWrite', 2051, '3.75'],
        ['output', 503, '15'],
        ['search', 1, '10'],
      ],
    },
  },
  {
    name: 'an Anthropic message with null in place of what it did not use',
    input: {
      provider: 'anthropic',
      response: message('claude-haiku-4-5-20251001', {
        input_tokens: 12,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        cache_creation: null,
        output_tokens: 9,
        server_tool_use: null,
        service_tier: null,
      }),
    },
    // 12 + 45
    totalCost: '0.000057',
    expect: {
      model: 'claude-haiku-4-5-20251001',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 12,
      cachedPromptTokens: 0,
      completionTokens: 9,
      lines: [
        ['input', 12, '1'],
        ['output', 9, '5'],
      ],
    },
  },
  {
    name: 'an Anthropic message that wrote to the cache for an hour',
    input: {
      provider: 'anthropic',
      response: message('claude-opus-4-5-20251101', {
        ...usage(44, { minutes: 0, hour: 6020, read: 0 }, 310),
        service_tier: 'standard',
      }),
    },
    // 220 + 60,200 + 7,750
    totalCost: '0.06817',
    expect: {
      model: 'claude-opus-4-5-20251101',
      canonicalModel: 'claude-opus-4-5',
      promptTokens: 6064,
      cachedPromptTokens: 0,
      completionTokens: 310,
      lines: [
        ['input', 44, '5'],
        ['cacheWrite1h', 6020, '10'],
        ['output', 310, '25'],
      ],
    },
  },
  {
    name: 'an Anthropic message that wrote to the cache both for five minutes and for an hour',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-5-20250929', {
        ...usage(30, { minutes: 1024, hour: 3072, read: 512 }, 77),
        service_tier: 'standard',
      }),
    },
    // 90 + 153.6 + 3,840 + 18,432 + 1,155
    totalCost: '0.0236706',
    expect: {
      model: 'claude-sonnet-4-5-20250929',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 4638,
      cachedPromptTokens: 512,
      completionTokens: 77,
      lines: [
        ['input', 30, '3'],
        ['cachedInput', 512, '0.3'],
        ['cacheWrite', 1024, '3.75'],
        ['cacheWrite1h', 3072, '6'],
        ['output', 77, '15'],
      ],
    },
  },
  {
    name: 'an Anthropic message whose cache writes do not say for how long: for five minutes',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-20250514', {
        input_tokens: 14,
        cache_creation_input_tokens: 2100,
        cache_read_input_tokens: 0,
        output_tokens: 60,
      }),
    },
    // 42 + 7,875 + 900
    totalCost: '0.008817',
    expect: {
      model: 'claude-sonnet-4-20250514',
      canonicalModel: 'claude-sonnet-4-0',
      promptTokens: 2114,
      cachedPromptTokens: 0,
      completionTokens: 60,
      lines: [
        ['input', 14, '3'],
        ['cacheWrite', 2100, '3.75'],
        ['output', 60, '15'],
      ],
    },
  },
  {
    name: 'an Anthropic message that only read from the cache',
    input: {
      provider: 'anthropic',
      response: message('claude-opus-4-1-20250805', {
        ...usage(21, { minutes: 0, hour: 0, read: 18_420 }, 455),
        service_tier: 'standard',
      }),
    },
    // 315 + 27,630 + 34,125
    totalCost: '0.06207',
    expect: {
      model: 'claude-opus-4-1-20250805',
      canonicalModel: 'claude-opus-4-1',
      promptTokens: 18_441,
      cachedPromptTokens: 18_420,
      completionTokens: 455,
      lines: [
        ['input', 21, '15'],
        ['cachedInput', 18_420, '1.5'],
        ['output', 455, '75'],
      ],
    },
  },
  {
    name: 'an Anthropic message whose prompt is long only with its cached reads and writes',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-5-20250929', {
        ...usage(1200, { minutes: 4000, hour: 0, read: 198_000 }, 900),
        service_tier: 'standard',
      }),
    },
    // 7,200 + 118,800 + 30,000 + 20,250
    totalCost: '0.17625',
    expect: {
      model: 'claude-sonnet-4-5-20250929',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 203_200,
      cachedPromptTokens: 198_000,
      completionTokens: 900,
      lines: [
        ['input', 1200, '6'],
        ['cachedInput', 198_000, '0.6'],
        ['cacheWrite', 4000, '7.5'],
        ['output', 900, '22.5'],
      ],
    },
  },
  {
    name: 'an Anthropic message with the longest prompt at the usual rates',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-5-20250929', {
        ...usage(200_000, { minutes: 0, hour: 0, read: 0 }, 10),
        service_tier: 'standard',
      }),
    },
    // 600,000 + 150
    totalCost: '0.60015',
    expect: {
      model: 'claude-sonnet-4-5-20250929',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 200_000,
      cachedPromptTokens: 0,
      completionTokens: 10,
      lines: [
        ['input', 200_000, '3'],
        ['output', 10, '15'],
      ],
    },
  },
  {
    name: 'an Anthropic message with a long prompt, of a model that charges the same for every length',
    input: {
      provider: 'anthropic',
      response: message('claude-sonnet-4-6', {
        ...usage(250_000, { minutes: 0, hour: 0, read: 0 }, 1000),
        service_tier: 'standard',
      }),
    },
    // 750,000 + 15,000
    totalCost: '0.765',
    expect: {
      model: 'claude-sonnet-4-6',
      canonicalModel: 'claude-sonnet-4-6',
      promptTokens: 250_000,
      cachedPromptTokens: 0,
      completionTokens: 1000,
      lines: [
        ['input', 250_000, '3'],
        ['output', 1000, '15'],
      ],
    },
  },
  {
    name: 'an Anthropic message that searched the web, and fetched a page without a charge',
    input: {
      provider: 'anthropic',
      response: message('claude-haiku-4-5-20251001', {
        ...usage(10_500, { minutes: 0, hour: 0, read: 0 }, 510),
        server_tool_use: { web_search_requests: 3, web_fetch_requests: 1 },
        service_tier: 'standard',
      }),
    },
    // 10,500 + 2,550 + 30,000
    totalCost: '0.04305',
    expect: {
      model: 'claude-haiku-4-5-20251001',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 10_500,
      cachedPromptTokens: 0,
      completionTokens: 510,
      lines: [
        ['input', 10_500, '1'],
        ['output', 510, '5'],
        ['search', 3, '10'],
      ],
    },
  },
]

/** Returns a message of the model with this usage. */
export function message(model: string, usage: Body): Body {
  return {
    id: 'msg_013Zva2CMHLNnjNjJKqJ2EF',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'Hi! My name is Claude.', citations: null }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  }
}

/** Returns a usage with the tokens written to the cache for five minutes and for an hour, and those read from it. */
export function usage(input: number, cache: { minutes: number; hour: number; read: number }, output: number): Body {
  return {
    input_tokens: input,
    cache_creation_input_tokens: cache.minutes + cache.hour,
    cache_read_input_tokens: cache.read,
    cache_creation: { ephemeral_5m_input_tokens: cache.minutes, ephemeral_1h_input_tokens: cache.hour },
    output_tokens: output,
  }
}
