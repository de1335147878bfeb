import type { Body, Invoice } from './invoice.js'

/** Answers of Gemini, whose thoughts are not part of the candidates and whose tool results are not part of the prompt. */
export const googleInvoices: readonly Invoice[] = [
  {
    name: 'a Gemini answer that thought first',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 2152,
        candidatesTokenCount: 710,
        totalTokenCount: 4067,
        cachedContentTokenCount: 2027,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 2152 }],
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 2027 }],
        thoughtsTokenCount: 1205,
      }),
    },
    // 37.5 + 60.81 + 4,787.5
    totalCost: '0.00488581',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 2152,
      cachedPromptTokens: 2027,
      completionTokens: 1915,
      lines: [
        ['input', 125, '0.3'],
        ['cachedInput', 2027, '0.03'],
        ['output', 1915, '2.5'],
      ],
    },
  },
  {
    name: 'a Gemini answer to text and audio, some of either cached',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 5000,
        candidatesTokenCount: 250,
        totalTokenCount: 5250,
        cachedContentTokenCount: 3072,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 3000 },
          { modality: 'AUDIO', tokenCount: 2000 },
        ],
        cacheTokensDetails: [
          { modality: 'TEXT', tokenCount: 2048 },
          { modality: 'AUDIO', tokenCount: 1024 },
        ],
        candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 250 }],
      }),
    },
    // 285.6 + 61.44 + 976 + 102.4 + 625
    totalCost: '0.00205044',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 5000,
      cachedPromptTokens: 3072,
      completionTokens: 250,
      lines: [
        ['input', 952, '0.3'],
        ['cachedInput', 2048, '0.03'],
        ['audioInput', 976, '1'],
        ['cachedAudioInput', 1024, '0.1'],
        ['output', 250, '2.5'],
      ],
    },
  },
  {
    name: 'a Gemini answer to cached text beside audio that is not cached',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 4200,
        candidatesTokenCount: 310,
        totalTokenCount: 4510,
        cachedContentTokenCount: 2048,
        promptTokensDetails: [
          { modality: 'AUDIO', tokenCount: 1600 },
          { modality: 'TEXT', tokenCount: 2600 },
        ],
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 2048 }],
      }),
    },
    // 165.6 + 61.44 + 1,600 + 775
    totalCost: '0.00260204',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 4200,
      cachedPromptTokens: 2048,
      completionTokens: 310,
      lines: [
        ['input', 552, '0.3'],
        ['cachedInput', 2048, '0.03'],
        ['audioInput', 1600, '1'],
        ['output', 310, '2.5'],
      ],
    },
  },
  {
    name: 'a Gemini answer to text and audio that does not say which of them was cached: text',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 4500,
        candidatesTokenCount: 100,
        totalTokenCount: 4600,
        cachedContentTokenCount: 2000,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 3000 },
          { modality: 'AUDIO', tokenCount: 1500 },
        ],
      }),
    },
    // 300 + 60 + 1,500 + 250
    totalCost: '0.00211',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 4500,
      cachedPromptTokens: 2000,
      completionTokens: 100,
      lines: [
        ['input', 1000, '0.3'],
        ['cachedInput', 2000, '0.03'],
        ['audioInput', 1500, '1'],
        ['output', 100, '2.5'],
      ],
    },
  },
  {
    name: 'a Gemini answer to a recording, of a preview with its date',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash-lite-preview-09-2025', {
        promptTokenCount: 652,
        candidatesTokenCount: 88,
        totalTokenCount: 740,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 12 },
          { modality: 'AUDIO', tokenCount: 640 },
        ],
      }),
    },
    // 1.2 + 192 + 35.2
    totalCost: '0.0002284',
    expect: {
      model: 'gemini-2.5-flash-lite-preview-09-2025',
      canonicalModel: 'gemini-2.5-flash-lite',
      promptTokens: 652,
      cachedPromptTokens: 0,
      completionTokens: 88,
      lines: [
        ['input', 12, '0.1'],
        ['audioInput', 640, '0.3'],
        ['output', 88, '0.4'],
      ],
    },
  },
  {
    name: 'a Gemini answer to the longest prompt at the usual rates',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-pro', {
        promptTokenCount: 200_000,
        candidatesTokenCount: 500,
        totalTokenCount: 200_500,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 200_000 }],
      }),
    },
    // 250,000 + 5,000
    totalCost: '0.255',
    expect: {
      model: 'gemini-2.5-pro',
      canonicalModel: 'gemini-2.5-pro',
      promptTokens: 200_000,
      cachedPromptTokens: 0,
      completionTokens: 500,
      lines: [
        ['input', 200_000, '1.25'],
        ['output', 500, '10'],
      ],
    },
  },
  {
    name: 'a Gemini answer to a long prompt, at the rates for long prompts throughout',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-pro-preview-06-05', {
        promptTokenCount: 250_000,
        candidatesTokenCount: 1800,
        totalTokenCount: 254_000,
        cachedContentTokenCount: 200_704,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 250_000 }],
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 200_704 }],
        thoughtsTokenCount: 2200,
      }),
    },
    // 123,240 + 50,176 + 60,000
    totalCost: '0.233416',
    expect: {
      model: 'gemini-2.5-pro-preview-06-05',
      canonicalModel: 'gemini-2.5-pro',
      promptTokens: 250_000,
      cachedPromptTokens: 200_704,
      completionTokens: 4000,
      lines: [
        ['input', 49_296, '2.5'],
        ['cachedInput', 200_704, '0.25'],
        ['output', 4000, '15'],
      ],
    },
  },
]

/** Returns an answer of the model with this usage. */
export function answer(modelVersion: string, usageMetadata: Body, part: Body = { text: 'AI learns from data.' }): Body {
  return {
    candidates: [{ content: { parts: [part], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata,
    modelVersion,
    responseId: 'mLfGaOOtE5Wg1PIPt7aWyAk',
  }
}
