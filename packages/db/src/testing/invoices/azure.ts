import type { Body, Invoice } from './invoice.js'

const harmless = { filtered: false, severity: 'safe' }
const filters = { hate: harmless, self_harm: harmless, sexual: harmless, violence: harmless }

/** Calls of Azure, in the forms of OpenAI with the results of its content filters. */
export const azureInvoices: readonly Invoice[] = [
  {
    name: 'a chat completion on Azure that read part of its prompt from the cache',
    input: {
      provider: 'azure',
      response: chat('gpt-4o-2024-11-20', {
        completion_tokens: 305,
        completion_tokens_details: {
          accepted_prediction_tokens: 0,
          audio_tokens: 0,
          reasoning_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        prompt_tokens: 1566,
        prompt_tokens_details: { audio_tokens: 0, cached_tokens: 1408 },
        total_tokens: 1871,
      }),
    },
    // 395 + 1,760 + 3,050
    totalCost: '0.005205',
    expect: {
      model: 'gpt-4o-2024-11-20',
      canonicalModel: 'gpt-4o',
      promptTokens: 1566,
      cachedPromptTokens: 1408,
      completionTokens: 305,
      lines: [
        ['input', 158, '2.5'],
        ['cachedInput', 1408, '1.25'],
        ['output', 305, '10'],
      ],
    },
  },
  {
    name: 'a chat completion of a batch on Azure',
    input: {
      provider: 'azure',
      serviceTier: 'batch',
      response: chat('gpt-4o-mini-2024-07-18', { completion_tokens: 480, prompt_tokens: 2200, total_tokens: 2680 }),
    },
    // 165 + 144
    totalCost: '0.000309',
    expect: {
      model: 'gpt-4o-mini-2024-07-18',
      canonicalModel: 'gpt-4o-mini',
      promptTokens: 2200,
      cachedPromptTokens: 0,
      completionTokens: 480,
      lines: [
        ['input', 2200, '0.075'],
        ['output', 480, '0.3'],
      ],
    },
  },
  {
    name: 'a response on Azure that reasoned',
    input: {
      provider: 'azure',
      response: {
        id: 'resp_67cb32528d6881909eb2859a55e18a85',
        created_at: 1741369938,
        error: null,
        incomplete_details: null,
        instructions: null,
        metadata: {},
        model: 'o3-2025-04-16',
        object: 'response',
        output: [
          {
            id: 'msg_67cb3252cfac8190865744873aada798',
            content: [{ annotations: [], text: 'Great! How can I help you today?', type: 'output_text' }],
            role: 'assistant',
            status: null,
            type: 'message',
          },
        ],
        content_filters: [{ blocked: false, source_type: 'completion', content_filter_results: filters }],
        parallel_tool_calls: null,
        previous_response_id: null,
        service_tier: null,
        status: 'completed',
        temperature: 1,
        usage: {
          input_tokens: 2020,
          input_tokens_details: { cached_tokens: 1920 },
          output_tokens: 712,
          output_tokens_details: { reasoning_tokens: 640 },
          total_tokens: 2732,
        },
        user: null,
      },
    },
    // 200 + 960 + 5,696
    totalCost: '0.006856',
    expect: {
      model: 'o3-2025-04-16',
      canonicalModel: 'o3',
      promptTokens: 2020,
      cachedPromptTokens: 1920,
      completionTokens: 712,
      lines: [
        ['input', 100, '2'],
        ['cachedInput', 1920, '0.5'],
        ['output', 712, '8'],
      ],
    },
  },
  {
    name: 'embeddings on Azure',
    input: {
      provider: 'azure',
      response: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.018990106880664825, -0.0073809814639389515] }],
        model: 'text-embedding-3-small',
        usage: { prompt_tokens: 1250, total_tokens: 1250 },
      },
    },
    // 25
    totalCost: '0.000025',
    expect: {
      model: 'text-embedding-3-small',
      canonicalModel: 'text-embedding-3-small',
      promptTokens: 1250,
      cachedPromptTokens: 0,
      completionTokens: 0,
      lines: [['input', 1250, '0.02']],
    },
  },
  {
    name: 'the usage with which a streamed chat completion on Azure ends',
    input: {
      provider: 'azure',
      model: 'gpt-4.1-mini-2025-04-14',
      usage: {
        completion_tokens: 64,
        completion_tokens_details: {
          accepted_prediction_tokens: 0,
          audio_tokens: 0,
          reasoning_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        prompt_tokens: 1290,
        prompt_tokens_details: { audio_tokens: 0, cached_tokens: 1152 },
        total_tokens: 1354,
      },
    },
    // 55.2 + 115.2 + 102.4
    totalCost: '0.0002728',
    expect: {
      model: 'gpt-4.1-mini-2025-04-14',
      canonicalModel: 'gpt-4.1-mini',
      promptTokens: 1290,
      cachedPromptTokens: 1152,
      completionTokens: 64,
      lines: [
        ['input', 138, '0.4'],
        ['cachedInput', 1152, '0.1'],
        ['output', 64, '1.6'],
      ],
    },
  },
]

function chat(model: string, usage: Body): Body {
  return {
    choices: [
      {
        content_filter_results: {
          ...filters,
          protected_material_code: { filtered: false, detected: false },
          protected_material_text: { filtered: false, detected: false },
        },
        finish_reason: 'stop',
        index: 0,
        logprobs: null,
        message: { annotations: [], content: 'Yes, it supports them.', refusal: null, role: 'assistant' },
      },
    ],
    created: 1757410018,
    id: 'chatcmpl-CDqBuZyqGyB4nZb4oTqXHkS5HzXnX',
    model,
    object: 'chat.completion',
    prompt_filter_results: [
      { prompt_index: 0, content_filter_results: { ...filters, jailbreak: { filtered: false, detected: false } } },
    ],
    system_fingerprint: 'fp_ee1d74bde0',
    usage,
  }
}
