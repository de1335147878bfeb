import type { Body, Invoice } from './invoice.js'

/** The message with which a response ends. */
export const answer = {
  type: 'message',
  id: 'msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'In a peaceful grove…', annotations: [] }],
}

/** Responses of OpenAI without searches. */
export const openaiResponsesInvoices: readonly Invoice[] = [
  {
    name: 'an OpenAI response',
    input: { provider: 'openai', response: response({ model: 'gpt-4.1-2025-04-14', usage: usage(36, 12, 87) }) },
    // 48 + 6 + 696
    totalCost: '0.00075',
    expect: {
      model: 'gpt-4.1-2025-04-14',
      canonicalModel: 'gpt-4.1',
      promptTokens: 36,
      cachedPromptTokens: 12,
      completionTokens: 87,
      lines: [
        ['input', 24, '2'],
        ['cachedInput', 12, '0.5'],
        ['output', 87, '8'],
      ],
    },
  },
  {
    name: 'an OpenAI response that reasoned',
    input: {
      provider: 'openai',
      response: response({
        model: 'o3-2025-04-16',
        output: [{ id: 'rs_6820f382ee1c8191bc096bee70894d040ac5ba57aafcbac7', type: 'reasoning', summary: [] }, answer],
        usage: usage(81, 0, 1035, 832),
      }),
    },
    // 162 + 8,280
    totalCost: '0.008442',
    expect: {
      model: 'o3-2025-04-16',
      canonicalModel: 'o3',
      promptTokens: 81,
      cachedPromptTokens: 0,
      completionTokens: 1035,
      lines: [
        ['input', 81, '2'],
        ['output', 1035, '8'],
      ],
    },
  },
  {
    name: 'an OpenAI response one token short of the rates for long prompts',
    input: { provider: 'openai', response: response({ model: 'gpt-5.4-2026-03-05', usage: usage(271_999, 0, 1000) }) },
    // 679,997.5 + 15,000
    totalCost: '0.6949975',
    expect: {
      model: 'gpt-5.4-2026-03-05',
      canonicalModel: 'gpt-5.4',
      promptTokens: 271_999,
      cachedPromptTokens: 0,
      completionTokens: 1000,
      lines: [
        ['input', 271_999, '2.5'],
        ['output', 1000, '15'],
      ],
    },
  },
  {
    name: 'an OpenAI response with a long prompt, mostly cached, at the rates for long prompts throughout',
    input: {
      provider: 'openai',
      response: response({ model: 'gpt-5.4-2026-03-05', usage: usage(310_000, 204_800, 2100, 900) }),
    },
    // 526,000 + 102,400 + 47,250
    totalCost: '0.67565',
    expect: {
      model: 'gpt-5.4-2026-03-05',
      canonicalModel: 'gpt-5.4',
      promptTokens: 310_000,
      cachedPromptTokens: 204_800,
      completionTokens: 2100,
      lines: [
        ['input', 105_200, '5'],
        ['cachedInput', 204_800, '0.5'],
        ['output', 2100, '22.5'],
      ],
    },
  },
  {
    name: 'an OpenAI response that wrote to the cache, of a model that charges for it',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5.6-luna',
        usage: {
          input_tokens: 12_000,
          input_tokens_details: { cached_tokens: 4096, cache_write_tokens: 6144 },
          output_tokens: 700,
          output_tokens_details: { reasoning_tokens: 256 },
          total_tokens: 12_700,
        },
      }),
    },
    // 352 + 81.92 + 1,536 + 840
    totalCost: '0.00280992',
    expect: {
      model: 'gpt-5.6-luna',
      canonicalModel: 'gpt-5.6-luna',
      promptTokens: 12_000,
      cachedPromptTokens: 4096,
      completionTokens: 700,
      lines: [
        ['input', 1760, '0.2'],
        ['cachedInput', 4096, '0.02'],
        ['cacheWrite', 6144, '0.25'],
        ['output', 700, '1.2'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed OpenAI response ends',
    input: { provider: 'openai', model: 'gpt-4.1-mini-2025-04-14', usage: usage(412, 0, 96) },
    // 164.8 + 153.6
    totalCost: '0.0003184',
    expect: {
      model: 'gpt-4.1-mini-2025-04-14',
      canonicalModel: 'gpt-4.1-mini',
      promptTokens: 412,
      cachedPromptTokens: 0,
      completionTokens: 96,
      lines: [
        ['input', 412, '0.4'],
        ['output', 96, '1.6'],
      ],
    },
  },
]

/** Returns a response with one message, unless told other items. */
export function response(fields: {
  model: string
  usage: Body
  output?: readonly Body[]
  service_tier?: string
}): Body {
  return {
    id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
    object: 'response',
    created_at: 1741476542,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    output: [answer],
    parallel_tool_calls: true,
    previous_response_id: null,
    service_tier: 'default',
    store: true,
    tool_choice: 'auto',
    tools: [],
    truncation: 'disabled',
    user: null,
    metadata: {},
    ...fields,
  }
}

export function usage(input: number, cached: number, output: number, reasoning = 0): Body {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  }
}
