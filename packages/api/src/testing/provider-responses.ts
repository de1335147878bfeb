import type { RecordUsageInput } from '@mgx/contract'

/** Response bodies in the formats that providers document, and what each reports about its call. Costs are in USD. */
export const providerResponses: {
  name: string
  input: Pick<RecordUsageInput, 'provider' | 'response'>
  tells: {
    model: string
    promptTokens: number
    cachedPromptTokens: number
    completionTokens: number
    totalCost: string
  }
}[] = [
  {
    name: 'an OpenAI chat completion that read most of its prompt from the cache',
    input: {
      provider: 'openai',
      response: {
        id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
        object: 'chat.completion',
        created: 1741569952,
        model: 'gpt-4o-2024-08-06',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'Hello! How can I help?', refusal: null, annotations: [] },
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
        usage: {
          prompt_tokens: 2006,
          completion_tokens: 300,
          total_tokens: 2306,
          prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
        service_tier: 'default',
      },
    },
    // 86 × 2.5 + 1,920 × 1.25 + 300 × 10, a million
    tells: {
      model: 'gpt-4o-2024-08-06',
      promptTokens: 2006,
      cachedPromptTokens: 1920,
      completionTokens: 300,
      totalCost: '0.005615',
    },
  },
  {
    name: 'an OpenAI response',
    input: {
      provider: 'openai',
      response: {
        id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
        object: 'response',
        created_at: 1741476542,
        status: 'completed',
        error: null,
        incomplete_details: null,
        model: 'gpt-4.1-2025-04-14',
        output: [
          {
            type: 'message',
            id: 'msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b',
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'In a peaceful grove…', annotations: [] }],
          },
        ],
        usage: {
          input_tokens: 36,
          input_tokens_details: { cached_tokens: 12 },
          output_tokens: 87,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 123,
        },
        metadata: {},
      },
    },
    // 24 × 2 + 12 × 0.5 + 87 × 8
    tells: {
      model: 'gpt-4.1-2025-04-14',
      promptTokens: 36,
      cachedPromptTokens: 12,
      completionTokens: 87,
      totalCost: '0.00075',
    },
  },
  {
    name: 'OpenAI embeddings',
    input: {
      provider: 'openai',
      response: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.0023064255, -0.009327292] }],
        model: 'text-embedding-3-small',
        usage: { prompt_tokens: 800, total_tokens: 800 },
      },
    },
    tells: {
      model: 'text-embedding-3-small',
      promptTokens: 800,
      cachedPromptTokens: 0,
      completionTokens: 0,
      totalCost: '0.000016',
    },
  },
  {
    name: 'an Anthropic message that read from its cache, wrote to it and searched the web',
    input: {
      provider: 'anthropic',
      response: {
        id: 'msg_013Zva2CMHLNnjNjJKqJ2EF',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5-20250929',
        content: [{ type: 'text', text: 'Hi! My name is Claude.', citations: null }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: {
          input_tokens: 2095,
          cache_creation_input_tokens: 2051,
          cache_read_input_tokens: 2051,
          cache_creation: { ephemeral_5m_input_tokens: 2051, ephemeral_1h_input_tokens: 0 },
          output_tokens: 503,
          server_tool_use: { web_search_requests: 1 },
          service_tier: 'standard',
        },
      },
    },
    // 2,095 × 3 + 2,051 × 3.75 + 2,051 × 0.3 + 503 × 15, a million, and 0.01 for the search
    tells: {
      model: 'claude-sonnet-4-5-20250929',
      promptTokens: 6197,
      cachedPromptTokens: 2051,
      completionTokens: 503,
      totalCost: '0.03213655',
    },
  },
  {
    name: 'a Gemini answer that thought first',
    input: {
      provider: 'google',
      response: {
        candidates: [
          { content: { parts: [{ text: 'AI learns from data.' }], role: 'model' }, finishReason: 'STOP', index: 0 },
        ],
        usageMetadata: {
          promptTokenCount: 2152,
          candidatesTokenCount: 710,
          totalTokenCount: 4067,
          cachedContentTokenCount: 2027,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 2152 }],
          cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 2027 }],
          thoughtsTokenCount: 1205,
        },
        modelVersion: 'gemini-2.5-flash',
        responseId: 'mLfGaOOtE5Wg1PIPt7aWyAk',
      },
    },
    // 125 × 0.3 + 2,027 × 0.03 + 1,915 × 2.5
    tells: {
      model: 'gemini-2.5-flash',
      promptTokens: 2152,
      cachedPromptTokens: 2027,
      completionTokens: 1915,
      totalCost: '0.00488581',
    },
  },
]
