import type { Body, Invoice } from './invoice.js'

/** Calls of Bedrock. Converse names no model and counts the cache beside the input; regions cost 10 % more than global. */
export const bedrockInvoices: readonly Invoice[] = [
  {
    name: 'a conversation with Claude on Bedrock within the US, with cached reads and writes',
    input: {
      provider: 'bedrock',
      model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      response: conversation({
        inputTokens: 30,
        outputTokens: 310,
        totalTokens: 3412,
        cacheReadInputTokens: 2048,
        cacheWriteInputTokens: 1024,
      }),
    },
    // 99 + 675.84 + 4,224 + 5,115
    totalCost: '0.01011384',
    expect: {
      model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 3102,
      cachedPromptTokens: 2048,
      completionTokens: 310,
      lines: [
        ['input', 30, '3.3'],
        ['cachedInput', 2048, '0.33'],
        ['cacheWrite', 1024, '4.125'],
        ['output', 310, '16.5'],
      ],
    },
  },
  {
    name: 'a conversation with Claude on Bedrock in any region, with cached reads',
    input: {
      provider: 'bedrock',
      model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      response: conversation({
        inputTokens: 1500,
        outputTokens: 420,
        totalTokens: 6016,
        cacheReadInputTokens: 4096,
        cacheWriteInputTokens: 0,
      }),
    },
    // 4,500 + 1,228.8 + 6,300
    totalCost: '0.0120288',
    expect: {
      model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      canonicalModel: 'claude-sonnet-4-5',
      promptTokens: 5596,
      cachedPromptTokens: 4096,
      completionTokens: 420,
      lines: [
        ['input', 1500, '3'],
        ['cachedInput', 4096, '0.3'],
        ['output', 420, '15'],
      ],
    },
  },
  {
    name: 'a conversation with Claude on Bedrock within Europe',
    input: {
      provider: 'bedrock',
      model: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
      response: conversation({ inputTokens: 2000, outputTokens: 150, totalTokens: 2150 }),
    },
    // 2,200 + 825
    totalCost: '0.003025',
    expect: {
      model: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 2000,
      cachedPromptTokens: 0,
      completionTokens: 150,
      lines: [
        ['input', 2000, '1.1'],
        ['output', 150, '5.5'],
      ],
    },
  },
  {
    name: 'an invocation of Claude on Bedrock, in the form of Anthropic',
    input: {
      provider: 'bedrock',
      response: {
        model: 'claude-haiku-4-5-20251001',
        id: 'msg_bdrk_01UhWSpYgpHGbCQk4kSMYsXN',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'Hello! How can I help you today?' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: {
          input_tokens: 600,
          cache_creation_input_tokens: 1200,
          cache_read_input_tokens: 2400,
          cache_creation: { ephemeral_5m_input_tokens: 1200, ephemeral_1h_input_tokens: 0 },
          output_tokens: 90,
        },
      },
    },
    // 660 + 264 + 1,650 + 495
    totalCost: '0.003069',
    expect: {
      model: 'claude-haiku-4-5-20251001',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 4200,
      cachedPromptTokens: 2400,
      completionTokens: 90,
      lines: [
        ['input', 600, '1.1'],
        ['cachedInput', 2400, '0.11'],
        ['cacheWrite', 1200, '1.375'],
        ['output', 90, '5.5'],
      ],
    },
  },
  {
    name: 'a conversation with Nova that read most of its prompt from the cache',
    input: {
      provider: 'bedrock',
      model: 'amazon.nova-pro-v1:0',
      response: conversation({
        inputTokens: 120,
        outputTokens: 250,
        totalTokens: 3370,
        cacheReadInputTokens: 3000,
        cacheWriteInputTokens: 0,
      }),
    },
    // 96 + 600 + 800
    totalCost: '0.001496',
    expect: {
      model: 'amazon.nova-pro-v1:0',
      canonicalModel: 'amazon.nova-pro-v1:0',
      promptTokens: 3120,
      cachedPromptTokens: 3000,
      completionTokens: 250,
      lines: [
        ['input', 120, '0.8'],
        ['cachedInput', 3000, '0.2'],
        ['output', 250, '3.2'],
      ],
    },
  },
  {
    name: 'a conversation with Nova within the US, which costs no more than in one region',
    input: {
      provider: 'bedrock',
      model: 'us.amazon.nova-lite-v1:0',
      response: conversation({ inputTokens: 1800, outputTokens: 500, totalTokens: 2300 }),
    },
    // 108 + 120
    totalCost: '0.000228',
    expect: {
      model: 'us.amazon.nova-lite-v1:0',
      canonicalModel: 'amazon.nova-lite-v1:0',
      promptTokens: 1800,
      cachedPromptTokens: 0,
      completionTokens: 500,
      lines: [
        ['input', 1800, '0.06'],
        ['output', 500, '0.24'],
      ],
    },
  },
  {
    name: 'a conversation with Llama within the US',
    input: {
      provider: 'bedrock',
      model: 'us.meta.llama3-3-70b-instruct-v1:0',
      response: conversation({ inputTokens: 640, outputTokens: 361, totalTokens: 1001 }),
    },
    // 460.8 + 259.92
    totalCost: '0.00072072',
    expect: {
      model: 'us.meta.llama3-3-70b-instruct-v1:0',
      canonicalModel: 'meta.llama3-3-70b-instruct-v1:0',
      promptTokens: 640,
      cachedPromptTokens: 0,
      completionTokens: 361,
      lines: [
        ['input', 640, '0.72'],
        ['output', 361, '0.72'],
      ],
    },
  },
  {
    name: 'an invocation of Nova in a batch',
    input: {
      provider: 'bedrock',
      model: 'amazon.nova-pro-v1:0',
      serviceTier: 'batch',
      response: {
        output: { message: { content: [{ text: 'A summary.' }], role: 'assistant' } },
        stopReason: 'end_turn',
        usage: { inputTokens: 1000, outputTokens: 300, totalTokens: 1300 },
      },
    },
    // 400 + 480
    totalCost: '0.00088',
    expect: {
      model: 'amazon.nova-pro-v1:0',
      canonicalModel: 'amazon.nova-pro-v1:0',
      promptTokens: 1000,
      cachedPromptTokens: 0,
      completionTokens: 300,
      lines: [
        ['input', 1000, '0.4'],
        ['output', 300, '1.6'],
      ],
    },
  },
  {
    name: 'a conversation with an open model of OpenAI on Bedrock, at the flex tier',
    input: {
      provider: 'bedrock',
      model: 'openai.gpt-oss-120b-1:0',
      response: {
        ...conversation({ inputTokens: 2000, outputTokens: 400, totalTokens: 2400 }),
        serviceTier: { type: 'flex' },
      },
    },
    // 150 + 120
    totalCost: '0.00027',
    expect: {
      model: 'openai.gpt-oss-120b-1:0',
      canonicalModel: 'gpt-oss-120b',
      promptTokens: 2000,
      cachedPromptTokens: 0,
      completionTokens: 400,
      lines: [
        ['input', 2000, '0.075'],
        ['output', 400, '0.3'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed conversation on Bedrock ends',
    input: {
      provider: 'aws',
      model: 'global.anthropic.claude-haiku-4-5-20251001-v1:0',
      usage: { inputTokens: 900, outputTokens: 150, totalTokens: 1050 },
    },
    // 900 + 750
    totalCost: '0.00165',
    expect: {
      model: 'global.anthropic.claude-haiku-4-5-20251001-v1:0',
      canonicalModel: 'claude-haiku-4-5',
      promptTokens: 900,
      cachedPromptTokens: 0,
      completionTokens: 150,
      lines: [
        ['input', 900, '1'],
        ['output', 150, '5'],
      ],
    },
  },
]

function conversation(usage: Body): Body {
  return {
    metrics: { latencyMs: 1275 },
    output: { message: { content: [{ text: 'Here is a short answer.' }], role: 'assistant' } },
    stopReason: 'end_turn',
    usage,
  }
}
