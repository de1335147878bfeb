import type { Body, Invoice } from './invoice.js'

/** Chat completions of providers that answer in the form of OpenAI, each with fields of its own. */
export const openaiCompatibleInvoices: readonly Invoice[] = [
  {
    name: 'an OpenRouter answer of OpenAI',
    input: {
      provider: 'openrouter',
      response: {
        ...chat('openai/gpt-4o-mini', {
          prompt_tokens: 10_339,
          completion_tokens: 60,
          total_tokens: 10_399,
          cost: 0.00081435,
          is_byok: false,
          prompt_tokens_details: { cached_tokens: 10_300, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 },
          cost_details: {
            upstream_inference_cost: 0.00081435,
            upstream_inference_prompt_cost: 0.00077835,
            upstream_inference_completions_cost: 0.000036,
          },
          completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0, audio_tokens: 0 },
        }),
        provider: 'OpenAI',
      },
    },
    // 5.85 + 772.5 + 36
    totalCost: '0.00081435',
    expect: {
      model: 'openai/gpt-4o-mini',
      canonicalModel: 'gpt-4o-mini',
      promptTokens: 10_339,
      cachedPromptTokens: 10_300,
      completionTokens: 60,
      lines: [
        ['input', 39, '0.15'],
        ['cachedInput', 10_300, '0.075'],
        ['output', 60, '0.6'],
      ],
    },
  },
  {
    name: 'an OpenRouter answer of Anthropic that wrote to the cache, counted within the prompt',
    input: {
      provider: 'openrouter',
      response: {
        ...chat('anthropic/claude-haiku-4.5', {
          prompt_tokens: 5200,
          completion_tokens: 210,
          total_tokens: 5410,
          cost: 0.0052,
          is_byok: false,
          prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 3000, audio_tokens: 0, video_tokens: 0 },
          cost_details: {
            upstream_inference_cost: 0.0052,
            upstream_inference_prompt_cost: 0.00415,
            upstream_inference_completions_cost: 0.00105,
          },
          completion_tokens_details: { reasoning_tokens: 120, image_tokens: 0, audio_tokens: 0 },
        }),
        provider: 'Anthropic',
      },
    },
    // 200 + 200 + 3,750 + 1,050
    totalCost: '0.0052',
    expect: {
      model: 'anthropic/claude-haiku-4.5',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 5200,
      cachedPromptTokens: 2000,
      completionTokens: 210,
      lines: [
        ['input', 200, '1'],
        ['cachedInput', 2000, '0.1'],
        ['cacheWrite', 3000, '1.25'],
        ['output', 210, '5'],
      ],
    },
  },
  {
    name: 'a Mistral answer',
    input: {
      provider: 'mistral',
      response: chat('mistral-large-2512', { prompt_tokens: 516, total_tokens: 829, completion_tokens: 313 }),
    },
    // 258 + 469.5
    totalCost: '0.0007275',
    expect: {
      model: 'mistral-large-2512',
      canonicalModel: 'mistral-large-2512',
      promptTokens: 516,
      cachedPromptTokens: 0,
      completionTokens: 313,
      lines: [
        ['input', 516, '0.5'],
        ['output', 313, '1.5'],
      ],
    },
  },
  {
    name: 'a Mistral answer of a batch',
    input: {
      provider: 'mistral',
      serviceTier: 'batch',
      response: chat('mistral-small-2603', { prompt_tokens: 1400, total_tokens: 1650, completion_tokens: 250 }),
    },
    // 105 + 75
    totalCost: '0.00018',
    expect: {
      model: 'mistral-small-2603',
      canonicalModel: 'mistral-small-2603',
      promptTokens: 1400,
      cachedPromptTokens: 0,
      completionTokens: 250,
      lines: [
        ['input', 1400, '0.075'],
        ['output', 250, '0.3'],
      ],
    },
  },
  {
    name: 'a Groq answer, with the times that it took',
    input: {
      provider: 'groq',
      response: {
        ...chat('llama-3.3-70b-versatile', {
          queue_time: 0.037493756,
          prompt_tokens: 518,
          prompt_time: 0.000680594,
          completion_tokens: 556,
          completion_time: 0.463333333,
          total_tokens: 1074,
          total_time: 0.464013927,
        }),
        usage_breakdown: null,
        x_groq: { id: 'req_01jbd6g2qdfw2adyrt2az8hz4w' },
        service_tier: 'on_demand',
      },
    },
    // 305.62 + 439.24
    totalCost: '0.00074486',
    expect: {
      model: 'llama-3.3-70b-versatile',
      canonicalModel: 'llama-3.3-70b-versatile',
      promptTokens: 518,
      cachedPromptTokens: 0,
      completionTokens: 556,
      lines: [
        ['input', 518, '0.59'],
        ['output', 556, '0.79'],
      ],
    },
  },
  {
    name: 'a Groq answer at the flex tier, which costs as much as the standard one there',
    input: {
      provider: 'groq',
      response: {
        ...chat('openai/gpt-oss-120b', {
          queue_time: 0.026959759,
          prompt_tokens: 4641,
          prompt_time: 0.009995497,
          completion_tokens: 1817,
          completion_time: 5.57691751,
          total_tokens: 6458,
          total_time: 5.586913007,
          prompt_tokens_details: { cached_tokens: 4608 },
          completion_tokens_details: { reasoning_tokens: 1024 },
        }),
        x_groq: { id: 'req_01k4z8x6n1e0qv3h0k7wq0t3bn' },
        service_tier: 'flex',
      },
    },
    // 4.95 + 345.6 + 1,090.2
    totalCost: '0.00144075',
    expect: {
      model: 'openai/gpt-oss-120b',
      canonicalModel: 'gpt-oss-120b',
      promptTokens: 4641,
      cachedPromptTokens: 4608,
      completionTokens: 1817,
      lines: [
        ['input', 33, '0.15'],
        ['cachedInput', 4608, '0.075'],
        ['output', 1817, '0.6'],
      ],
    },
  },
  {
    // The models on DeepSeek's own list cost more at certain hours; the catalogue has one rate for this older one.
    name: 'a DeepSeek answer, which counts cached tokens in two places',
    input: {
      provider: 'deepseek',
      response: chat('deepseek-v3.1-terminus', {
        prompt_tokens: 396,
        completion_tokens: 839,
        total_tokens: 1235,
        prompt_tokens_details: { cached_tokens: 256 },
        prompt_cache_hit_tokens: 256,
        prompt_cache_miss_tokens: 140,
      }),
    },
    // 37.8 + 33.28 + 797.05
    totalCost: '0.00086813',
    expect: {
      model: 'deepseek-v3.1-terminus',
      canonicalModel: 'deepseek-v3.1-terminus',
      promptTokens: 396,
      cachedPromptTokens: 256,
      completionTokens: 839,
      lines: [
        ['input', 140, '0.27'],
        ['cachedInput', 256, '0.13'],
        ['output', 839, '0.95'],
      ],
    },
  },
  {
    name: 'a Grok answer, whose reasoning is not part of the completion',
    input: {
      provider: 'x-ai',
      response: chat('grok-4.3', {
        prompt_tokens: 1200,
        completion_tokens: 130,
        total_tokens: 2200,
        prompt_tokens_details: { text_tokens: 1200, audio_tokens: 0, image_tokens: 0, cached_tokens: 512 },
        completion_tokens_details: {
          reasoning_tokens: 870,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        num_sources_used: 0,
        cost_in_usd_ticks: 34_624_000,
      }),
    },
    // 860 + 102.4 + 2,500
    totalCost: '0.0034624',
    expect: {
      model: 'grok-4.3',
      canonicalModel: 'grok-4.3',
      promptTokens: 1200,
      cachedPromptTokens: 512,
      completionTokens: 1000,
      lines: [
        ['input', 688, '1.25'],
        ['cachedInput', 512, '0.2'],
        ['output', 1000, '2.5'],
      ],
    },
  },
  {
    name: 'a Grok answer to the shortest prompt at the rates for long ones',
    input: {
      provider: 'x-ai',
      response: chat('grok-4.6', {
        prompt_tokens: 200_000,
        completion_tokens: 100,
        total_tokens: 200_100,
        prompt_tokens_details: { text_tokens: 200_000, audio_tokens: 0, image_tokens: 0, cached_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        num_sources_used: 0,
        cost_in_usd_ticks: 8_012_000_000,
      }),
    },
    // 800,000 + 1,200
    totalCost: '0.8012',
    expect: {
      model: 'grok-4.6',
      canonicalModel: 'grok-4.6',
      promptTokens: 200_000,
      cachedPromptTokens: 0,
      completionTokens: 100,
      lines: [
        ['input', 200_000, '4'],
        ['output', 100, '12'],
      ],
    },
  },
]

function chat(model: string, usage: Body): Body {
  return {
    id: 'gen-1757410018-4V7oQnYbZtq0CkR3s2Xd',
    object: 'chat.completion',
    created: 1757410018,
    model,
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Certainly.' }, logprobs: null, finish_reason: 'stop' },
    ],
    system_fingerprint: null,
    usage,
  }
}
