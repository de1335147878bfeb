import type { Invoice } from './invoice.js'

/** Calls whose bodies report a count or the service tier in another place than the provider's usual ones do. */
export const otherPlacesInvoices: readonly Invoice[] = [
  {
    name: 'a conversation with Claude on Bedrock that wrote to the cache for an hour and for five minutes',
    input: {
      provider: 'bedrock',
      model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      response: {
        stopReason: 'end_turn',
        usage: {
          inputTokens: 20,
          outputTokens: 200,
          totalTokens: 3292,
          cacheReadInputTokens: 0,
          cacheWriteInputTokens: 3072,
          cacheDetails: [
            { ttl: '1h', inputTokens: 2048 },
            { ttl: '5m', inputTokens: 1024 },
          ],
        },
      },
    },
    // 66 + 4,224 + 13,516.8 + 3,300
    totalCost: '0.0211068',
    expect: {
      model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 3092,
      cachedPromptTokens: 0,
      completionTokens: 200,
      lines: [
        ['input', 20, '3.3'],
        ['cacheWrite', 1024, '4.125'],
        ['cacheWrite1h', 2048, '6.6'],
        ['output', 200, '16.5'],
      ],
    },
  },
  {
    name: 'a DeepSeek answer that counts cached tokens only as hits',
    input: {
      provider: 'deepseek',
      model: 'deepseek-v3.1-terminus',
      usage: {
        prompt_tokens: 500,
        completion_tokens: 100,
        total_tokens: 600,
        prompt_cache_hit_tokens: 384,
        prompt_cache_miss_tokens: 116,
      },
    },
    // 31.32 + 49.92 + 95
    totalCost: '0.00017624',
    expect: {
      model: 'deepseek-v3.1-terminus',
      canonicalModel: 'deepseek-v3.1-terminus',
      promptTokens: 500,
      cachedPromptTokens: 384,
      completionTokens: 100,
      lines: [
        ['input', 116, '0.27'],
        ['cachedInput', 384, '0.13'],
        ['output', 100, '0.95'],
      ],
    },
  },
  {
    name: 'a turn of the Live API of Gemini, heard and spoken',
    input: {
      provider: 'google',
      model: 'gemini-live-2.5-flash',
      response: {
        usageMetadata: {
          promptTokenCount: 300,
          responseTokenCount: 120,
          totalTokenCount: 420,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 50 },
            { modality: 'AUDIO', tokenCount: 250 },
          ],
          responseTokensDetails: [
            { modality: 'TEXT', tokenCount: 20 },
            { modality: 'AUDIO', tokenCount: 100 },
          ],
        },
      },
    },
    // 25 + 750 + 40 + 1,200
    totalCost: '0.002015',
    expect: {
      model: 'gemini-live-2.5-flash',
      canonicalModel: 'gemini-live-2.5-flash',
      promptTokens: 300,
      cachedPromptTokens: 0,
      completionTokens: 120,
      lines: [
        ['input', 50, '0.5'],
        ['audioInput', 250, '3'],
        ['output', 20, '2'],
        ['audioOutput', 100, '12'],
      ],
    },
  },
  {
    name: 'a Gemini answer on Vertex AI at the flex tier',
    input: {
      provider: 'google',
      response: {
        candidates: [{ content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }],
        modelVersion: 'gemini-3.5-flash',
        usageMetadata: {
          promptTokenCount: 800,
          candidatesTokenCount: 50,
          totalTokenCount: 850,
          trafficType: 'ON_DEMAND_FLEX',
        },
      },
    },
    // 600 + 225
    totalCost: '0.000825',
    expect: {
      model: 'gemini-3.5-flash',
      canonicalModel: 'gemini-3.5-flash',
      promptTokens: 800,
      cachedPromptTokens: 0,
      completionTokens: 50,
      lines: [
        ['input', 800, '0.75'],
        ['output', 50, '4.5'],
      ],
    },
  },
  {
    name: 'a spoken answer of a realtime session, without the event around it',
    input: {
      provider: 'openai',
      model: 'gpt-realtime',
      response: {
        object: 'realtime.response',
        status: 'completed',
        usage: {
          total_tokens: 300,
          input_tokens: 200,
          output_tokens: 100,
          input_token_details: {
            text_tokens: 80,
            audio_tokens: 120,
            cached_tokens: 64,
            cached_tokens_details: { text_tokens: 64, audio_tokens: 0 },
          },
          output_token_details: { text_tokens: 25, audio_tokens: 75 },
        },
      },
    },
    // 64 + 25.6 + 3,840 + 400 + 4,800
    totalCost: '0.0091296',
    expect: {
      model: 'gpt-realtime',
      canonicalModel: 'gpt-realtime',
      promptTokens: 200,
      cachedPromptTokens: 64,
      completionTokens: 100,
      lines: [
        ['input', 16, '4'],
        ['cachedInput', 64, '0.4'],
        ['audioInput', 120, '32'],
        ['output', 25, '16'],
        ['audioOutput', 75, '64'],
      ],
    },
  },
]
