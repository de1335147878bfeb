import type { Body, Invoice } from './invoice.js'

/** Chat completions of OpenAI, which count cached and audio tokens within the prompt, reasoning within the completion. */
export const openaiChatInvoices: readonly Invoice[] = [
  {
    name: 'an OpenAI chat completion that read most of its prompt from the cache',
    input: {
      provider: 'openai',
      response: chat({
        model: 'gpt-4o-2024-08-06',
        usage: usage(2006, 300, { cached_tokens: 1920 }),
        service_tier: 'default',
      }),
    },
    // 215 + 2,400 + 3,000
    totalCost: '0.005615',
    expect: {
      model: 'gpt-4o-2024-08-06',
      canonicalModel: 'gpt-4o',
      promptTokens: 2006,
      cachedPromptTokens: 1920,
      completionTokens: 300,
      lines: [
        ['input', 86, '2.5'],
        ['cachedInput', 1920, '1.25'],
        ['output', 300, '10'],
      ],
    },
  },
  {
    name: 'a short OpenAI chat completion, charged fractions of a micro-dollar',
    input: {
      provider: 'openai',
      response: chat({ model: 'gpt-4o-mini-2024-07-18', usage: usage(19, 10), service_tier: 'default' }),
    },
    // 2.85 + 6
    totalCost: '0.00000885',
    expect: {
      model: 'gpt-4o-mini-2024-07-18',
      canonicalModel: 'gpt-4o-mini',
      promptTokens: 19,
      cachedPromptTokens: 0,
      completionTokens: 10,
      lines: [
        ['input', 19, '0.15'],
        ['output', 10, '0.6'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion that reasoned, charged as output',
    input: {
      provider: 'openai',
      response: chat({
        model: 'gpt-5-2025-08-07',
        usage: usage(1117, 2304, {}, { reasoning_tokens: 1984 }),
        service_tier: 'default',
      }),
    },
    // 1,396.25 + 23,040
    totalCost: '0.02443625',
    expect: {
      model: 'gpt-5-2025-08-07',
      canonicalModel: 'gpt-5',
      promptTokens: 1117,
      cachedPromptTokens: 0,
      completionTokens: 2304,
      lines: [
        ['input', 1117, '1.25'],
        ['output', 2304, '10'],
      ],
    },
  },
  {
    name: 'an o-series chat completion that reasoned over a cached prompt',
    input: {
      provider: 'openai',
      response: chat({
        model: 'o3-mini-2025-01-31',
        usage: usage(3210, 917, { cached_tokens: 2048 }, { reasoning_tokens: 640 }),
        service_tier: 'default',
      }),
    },
    // 1,278.2 + 1,126.4 + 4,034.8
    totalCost: '0.0064394',
    expect: {
      model: 'o3-mini-2025-01-31',
      canonicalModel: 'o3-mini',
      promptTokens: 3210,
      cachedPromptTokens: 2048,
      completionTokens: 917,
      lines: [
        ['input', 1162, '1.1'],
        ['cachedInput', 2048, '0.55'],
        ['output', 917, '4.4'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion with predicted output, whose rejected tokens are charged too',
    input: {
      provider: 'openai',
      response: chat({
        model: 'gpt-4.1-2025-04-14',
        usage: usage(1310, 405, {}, { accepted_prediction_tokens: 312, rejected_prediction_tokens: 45 }),
        service_tier: 'default',
      }),
    },
    // 2,620 + 3,240
    totalCost: '0.00586',
    expect: {
      model: 'gpt-4.1-2025-04-14',
      canonicalModel: 'gpt-4.1',
      promptTokens: 1310,
      cachedPromptTokens: 0,
      completionTokens: 405,
      lines: [
        ['input', 1310, '2'],
        ['output', 405, '8'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion at the flex tier, at half of every rate',
    input: {
      provider: 'openai',
      response: chat({
        model: 'gpt-5-2025-08-07',
        usage: usage(2950, 640, { cached_tokens: 2816 }, { reasoning_tokens: 448 }),
        service_tier: 'flex',
      }),
    },
    // 83.75 + 176 + 3,200
    totalCost: '0.00345975',
    expect: {
      model: 'gpt-5-2025-08-07',
      canonicalModel: 'gpt-5',
      promptTokens: 2950,
      cachedPromptTokens: 2816,
      completionTokens: 640,
      lines: [
        ['input', 134, '0.625'],
        ['cachedInput', 2816, '0.0625'],
        ['output', 640, '5'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion at the priority tier, for which the catalogue has no rate',
    input: {
      provider: 'openai',
      response: chat({ model: 'gpt-5-mini-2025-08-07', usage: usage(500, 200), service_tier: 'priority' }),
    },
    // 125 + 400
    totalCost: '0.000525',
    expect: {
      model: 'gpt-5-mini-2025-08-07',
      canonicalModel: 'gpt-5-mini',
      promptTokens: 500,
      cachedPromptTokens: 0,
      completionTokens: 200,
      lines: [
        ['input', 500, '0.25'],
        ['output', 200, '2'],
      ],
      unpriced: ['serviceTier'],
    },
  },
  {
    name: 'an OpenAI chat completion of a batch, whose body does not say so',
    input: {
      provider: 'openai',
      serviceTier: 'batch',
      response: chat({ model: 'gpt-4.1-mini-2025-04-14', usage: usage(1862, 231) }),
    },
    // 372.4 + 184.8
    totalCost: '0.0005572',
    expect: {
      model: 'gpt-4.1-mini-2025-04-14',
      canonicalModel: 'gpt-4.1-mini',
      promptTokens: 1862,
      cachedPromptTokens: 0,
      completionTokens: 231,
      lines: [
        ['input', 1862, '0.2'],
        ['output', 231, '0.8'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion of a batch, whose body names the default tier',
    input: {
      provider: 'openai',
      serviceTier: 'batch',
      response: chat({
        model: 'gpt-5-mini-2025-08-07',
        usage: usage(4200, 350, { cached_tokens: 3072 }, { reasoning_tokens: 128 }),
        service_tier: 'default',
      }),
    },
    // 141 + 38.4 + 350
    totalCost: '0.0005294',
    expect: {
      model: 'gpt-5-mini-2025-08-07',
      canonicalModel: 'gpt-5-mini',
      promptTokens: 4200,
      cachedPromptTokens: 3072,
      completionTokens: 350,
      lines: [
        ['input', 1128, '0.125'],
        ['cachedInput', 3072, '0.0125'],
        ['output', 350, '1'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed OpenAI chat completion ends',
    input: { provider: 'openai', model: 'gpt-4o-mini', usage: usage(2512, 388, { cached_tokens: 1024 }) },
    // 223.2 + 76.8 + 232.8
    totalCost: '0.0005328',
    expect: {
      model: 'gpt-4o-mini',
      canonicalModel: 'gpt-4o-mini',
      promptTokens: 2512,
      cachedPromptTokens: 1024,
      completionTokens: 388,
      lines: [
        ['input', 1488, '0.15'],
        ['cachedInput', 1024, '0.075'],
        ['output', 388, '0.6'],
      ],
    },
  },
]

function chat(fields: { model: string; usage: Body; service_tier?: string }): Body {
  return {
    id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
    object: 'chat.completion',
    created: 1741569952,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello! How can I help?', refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    system_fingerprint: 'fp_a288987b44',
    ...fields,
  }
}

function usage(prompt: number, completion: number, ofPrompt: Body = {}, ofCompletion: Body = {}): Body {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0, ...ofPrompt },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
      ...ofCompletion,
    },
  }
}
