import type { Invoice } from './invoice.js'

/** Transcriptions of OpenAI, whose bodies do not name the model. */
export const openaiTranscriptionInvoices: readonly Invoice[] = [
  {
    name: 'a transcription of OpenAI with a text prompt',
    input: {
      provider: 'openai',
      model: 'gpt-4o-transcribe',
      response: {
        text: 'Imagine the wildest idea that you have ever had.',
        usage: {
          type: 'tokens',
          total_tokens: 1545,
          input_tokens: 1444,
          input_token_details: { text_tokens: 44, audio_tokens: 1400 },
          output_tokens: 101,
        },
      },
    },
    // 110 + 8,400 + 1,010
    totalCost: '0.00952',
    expect: {
      model: 'gpt-4o-transcribe',
      canonicalModel: 'gpt-4o-transcribe',
      promptTokens: 1444,
      cachedPromptTokens: 0,
      completionTokens: 101,
      lines: [
        ['input', 44, '2.5'],
        ['audioInput', 1400, '6'],
        ['output', 101, '10'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed transcription of OpenAI ends',
    input: {
      provider: 'openai',
      model: 'gpt-4o-mini-transcribe',
      usage: {
        type: 'tokens',
        total_tokens: 45,
        input_tokens: 14,
        input_token_details: { text_tokens: 0, audio_tokens: 14 },
        output_tokens: 31,
      },
    },
    // 42 + 155
    totalCost: '0.000197',
    expect: {
      model: 'gpt-4o-mini-transcribe',
      canonicalModel: 'gpt-4o-mini-transcribe',
      promptTokens: 14,
      cachedPromptTokens: 0,
      completionTokens: 31,
      lines: [
        ['audioInput', 14, '3'],
        ['output', 31, '5'],
      ],
    },
  },
]
