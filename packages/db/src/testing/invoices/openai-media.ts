import type { Invoice } from './invoice.js'

/** Calls of OpenAI that are priced by more than text: speech and images, and embeddings, which have no output. */
export const openaiMediaInvoices: readonly Invoice[] = [
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
    // 16
    totalCost: '0.000016',
    expect: {
      model: 'text-embedding-3-small',
      canonicalModel: 'text-embedding-3-small',
      promptTokens: 800,
      cachedPromptTokens: 0,
      completionTokens: 0,
      lines: [['input', 800, '0.02']],
    },
  },
  {
    name: 'OpenAI embeddings of the large model',
    input: {
      provider: 'openai',
      response: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [-0.006929283495992422, -0.005336422007530928] }],
        model: 'text-embedding-3-large',
        usage: { prompt_tokens: 8191, total_tokens: 8191 },
      },
    },
    // 1,064.83
    totalCost: '0.00106483',
    expect: {
      model: 'text-embedding-3-large',
      canonicalModel: 'text-embedding-3-large',
      promptTokens: 8191,
      cachedPromptTokens: 0,
      completionTokens: 0,
      lines: [['input', 8191, '0.13']],
    },
  },
  {
    name: 'an OpenAI chat completion that was spoken to and answered in speech',
    input: {
      provider: 'openai',
      response: {
        id: 'chatcmpl-CG8TqYx3bVYkrPpzYqfZ1nJkYb0aX',
        object: 'chat.completion',
        created: 1757969120,
        model: 'gpt-audio-2025-08-28',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: null,
              refusal: null,
              annotations: [],
              audio: {
                id: 'audio_68c87a61d2c48191',
                expires_at: 1757972721,
                data: 'UklGRg==',
                transcript: 'Yes, golden retrievers are known to be good with families.',
              },
            },
            finish_reason: 'stop',
          },
        ],
        usage: {
          prompt_tokens: 118,
          completion_tokens: 215,
          total_tokens: 333,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 101, text_tokens: 17, image_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 170,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
            text_tokens: 45,
          },
        },
        service_tier: 'default',
        system_fingerprint: 'fp_43f0e5e6c3',
      },
    },
    // 42.5 + 3,232 + 450 + 10,880
    totalCost: '0.0146045',
    expect: {
      model: 'gpt-audio-2025-08-28',
      canonicalModel: 'gpt-audio',
      promptTokens: 118,
      cachedPromptTokens: 0,
      completionTokens: 215,
      lines: [
        ['input', 17, '2.5'],
        ['audioInput', 101, '32'],
        ['output', 45, '10'],
        ['audioOutput', 170, '64'],
      ],
    },
  },
  {
    name: 'an OpenAI chat completion that was spoken to and answered in text',
    input: {
      provider: 'openai',
      response: {
        id: 'chatcmpl-CLhX0m2tV8Cq4yQ9q0b7Jk1e9ZsWd',
        object: 'chat.completion',
        created: 1759305610,
        model: 'gpt-audio-mini-2025-10-06',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'A dog barks twice.', refusal: null, annotations: [] },
            finish_reason: 'stop',
          },
        ],
        usage: {
          prompt_tokens: 83,
          completion_tokens: 30,
          total_tokens: 113,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 64, text_tokens: 19, image_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
            text_tokens: 30,
          },
        },
        service_tier: 'default',
        system_fingerprint: 'fp_5d2a1e0b7c',
      },
    },
    // 11.4 + 640 + 72
    totalCost: '0.0007234',
    expect: {
      model: 'gpt-audio-mini-2025-10-06',
      canonicalModel: 'gpt-audio-mini',
      promptTokens: 83,
      cachedPromptTokens: 0,
      completionTokens: 30,
      lines: [
        ['input', 19, '0.6'],
        ['audioInput', 64, '10'],
        ['output', 30, '2.4'],
      ],
    },
  },
  {
    name: 'the event that ends an OpenAI realtime response, with cached text and cached audio',
    input: {
      provider: 'openai',
      model: 'gpt-realtime-2025-08-28',
      response: {
        type: 'response.done',
        event_id: 'event_CCXHxcMy86rrKhBLDdqCh',
        response: {
          object: 'realtime.response',
          id: 'resp_CCXHw0UJld10EzIUXQCNh',
          status: 'completed',
          status_details: null,
          output: [
            {
              id: 'item_CCXHwGjjDUfOXbiySlK7i',
              type: 'message',
              status: 'completed',
              role: 'assistant',
              content: [{ type: 'output_audio', transcript: 'Loud and clear! I can hear you perfectly.' }],
            },
          ],
          conversation_id: 'conv_CCXHsurMKcaVxIZvaCI5m',
          output_modalities: ['audio'],
          max_output_tokens: 'inf',
          audio: { output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'alloy' } },
          usage: {
            total_tokens: 356,
            input_tokens: 220,
            output_tokens: 136,
            input_token_details: {
              text_tokens: 119,
              audio_tokens: 101,
              image_tokens: 0,
              cached_tokens: 128,
              cached_tokens_details: { text_tokens: 64, audio_tokens: 64, image_tokens: 0 },
            },
            output_token_details: { text_tokens: 30, audio_tokens: 106 },
          },
          metadata: null,
        },
      },
    },
    // 220 + 25.6 + 1,184 + 25.6 + 480 + 6,784
    totalCost: '0.0087192',
    expect: {
      model: 'gpt-realtime-2025-08-28',
      canonicalModel: 'gpt-realtime',
      promptTokens: 220,
      cachedPromptTokens: 128,
      completionTokens: 136,
      lines: [
        ['input', 55, '4'],
        ['cachedInput', 64, '0.4'],
        ['audioInput', 37, '32'],
        ['cachedAudioInput', 64, '0.4'],
        ['output', 30, '16'],
        ['audioOutput', 106, '64'],
      ],
    },
  },
  {
    name: 'an edited image of OpenAI, whose prompt is text and an image',
    input: {
      provider: 'openai',
      model: 'gpt-image-1',
      response: {
        created: 1713833628,
        data: [{ b64_json: 'iVBORw0KGgo=' }],
        background: 'opaque',
        output_format: 'png',
        quality: 'high',
        size: '1024x1024',
        usage: {
          total_tokens: 4896,
          input_tokens: 736,
          output_tokens: 4160,
          input_tokens_details: { text_tokens: 413, image_tokens: 323 },
        },
      },
    },
    // 2,065 + 3,230 + 166,400
    totalCost: '0.171695',
    expect: {
      model: 'gpt-image-1',
      canonicalModel: 'gpt-image-1',
      promptTokens: 736,
      cachedPromptTokens: 0,
      completionTokens: 4160,
      lines: [
        ['input', 413, '5'],
        ['input', 323, '10'],
        ['output', 4160, '40'],
      ],
    },
  },
  {
    name: 'an image of OpenAI with text tokens in its output',
    input: {
      provider: 'openai',
      model: 'gpt-image-1.5',
      response: {
        created: 1765930000,
        data: [{ b64_json: 'iVBORw0KGgo=' }],
        background: 'transparent',
        output_format: 'webp',
        quality: 'medium',
        size: '1024x1024',
        usage: {
          total_tokens: 1266,
          input_tokens: 58,
          output_tokens: 1208,
          input_tokens_details: { text_tokens: 58, image_tokens: 0 },
          output_tokens_details: { text_tokens: 152, image_tokens: 1056 },
        },
      },
    },
    // 290 + 1,520 + 33,792
    totalCost: '0.035602',
    expect: {
      model: 'gpt-image-1.5',
      canonicalModel: 'gpt-image-1.5',
      promptTokens: 58,
      cachedPromptTokens: 0,
      completionTokens: 1208,
      lines: [
        ['input', 58, '5'],
        ['output', 152, '10'],
        ['output', 1056, '32'],
      ],
    },
  },
]
