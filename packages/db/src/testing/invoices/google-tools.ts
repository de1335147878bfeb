import { answer } from './google.js'
import type { Invoice } from './invoice.js'

/** Answers of Gemini with tools or images, at a service tier, or streamed. */
export const googleToolInvoices: readonly Invoice[] = [
  {
    name: 'a Gemini answer that used a tool, whose results are charged as input',
    input: {
      provider: 'google',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 30,
        candidatesTokenCount: 420,
        totalTokenCount: 1480,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 30 }],
        toolUsePromptTokenCount: 850,
        toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 850 }],
        thoughtsTokenCount: 180,
      }),
    },
    // 264 + 1,500
    totalCost: '0.001764',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 880,
      cachedPromptTokens: 0,
      completionTokens: 600,
      lines: [
        ['input', 880, '0.3'],
        ['output', 600, '2.5'],
      ],
    },
  },
  {
    name: 'a Gemini answer that searched the web, for which the catalogue has no rate',
    input: {
      provider: 'google',
      response: {
        candidates: [
          {
            content: { parts: [{ text: 'Spain won Euro 2024.' }], role: 'model' },
            finishReason: 'STOP',
            groundingMetadata: {
              webSearchQueries: ['UEFA Euro 2024 winner', 'who won euro 2024'],
              searchEntryPoint: { renderedContent: '<div></div>' },
              groundingChunks: [{ web: { uri: 'https://example.com/euro', title: 'example.com' } }],
              groundingSupports: [
                { segment: { startIndex: 0, endIndex: 20, text: 'Spain won Euro 2024.' }, groundingChunkIndices: [0] },
              ],
            },
            index: 0,
          },
        ],
        usageMetadata: {
          promptTokenCount: 20,
          candidatesTokenCount: 110,
          totalTokenCount: 330,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
          toolUsePromptTokenCount: 60,
          toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 60 }],
          thoughtsTokenCount: 140,
        },
        modelVersion: 'gemini-2.5-flash',
        responseId: 'z5tAaf2JOKeskdUPx4Wr8AU',
      },
    },
    // 24 + 625
    totalCost: '0.000649',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 80,
      cachedPromptTokens: 0,
      completionTokens: 250,
      lines: [
        ['input', 80, '0.3'],
        ['output', 250, '2.5'],
      ],
      unpriced: ['search'],
    },
  },
  {
    name: 'a Gemini answer with an image and a little text',
    input: {
      provider: 'google',
      response: answer(
        'gemini-2.5-flash-image',
        {
          promptTokenCount: 8,
          candidatesTokenCount: 1302,
          totalTokenCount: 1310,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 8 }],
          candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
        },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
      ),
    },
    // 2.4 + 30 + 38,700
    totalCost: '0.0387324',
    expect: {
      model: 'gemini-2.5-flash-image',
      canonicalModel: 'gemini-2.5-flash-image',
      promptTokens: 8,
      cachedPromptTokens: 0,
      completionTokens: 1302,
      lines: [
        ['input', 8, '0.3'],
        ['output', 12, '2.5'],
        ['output', 1290, '30'],
      ],
    },
  },
  {
    name: 'a Gemini answer that thought and drew, to a text and an image at the same rate',
    input: {
      provider: 'google',
      response: answer(
        'gemini-3-pro-image-preview',
        {
          promptTokenCount: 582,
          candidatesTokenCount: 1120,
          totalTokenCount: 1942,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 22 },
            { modality: 'IMAGE', tokenCount: 560 },
          ],
          candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1120 }],
          thoughtsTokenCount: 240,
        },
        { inlineData: { mimeType: 'image/jpeg', data: '/9j/4AAQSkZJRg==' } },
      ),
    },
    // 1,164 + 2,880 + 134,400
    totalCost: '0.138444',
    expect: {
      model: 'gemini-3-pro-image-preview',
      canonicalModel: 'gemini-3-pro-image-preview',
      promptTokens: 582,
      cachedPromptTokens: 0,
      completionTokens: 1360,
      lines: [
        ['input', 582, '2'],
        ['output', 240, '12'],
        ['output', 1120, '120'],
      ],
    },
  },
  {
    name: 'a Gemini answer of a batch',
    input: {
      provider: 'google',
      serviceTier: 'batch',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 1010,
        candidatesTokenCount: 400,
        totalTokenCount: 1410,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1010 }],
      }),
    },
    // 151.5 + 500
    totalCost: '0.0006515',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 1010,
      cachedPromptTokens: 0,
      completionTokens: 400,
      lines: [
        ['input', 1010, '0.15'],
        ['output', 400, '1.25'],
      ],
    },
  },
  {
    name: 'a Gemini answer of a batch, whose cached reads are not cheaper',
    input: {
      provider: 'google',
      serviceTier: 'batch',
      response: answer('gemini-2.5-flash', {
        promptTokenCount: 4096,
        candidatesTokenCount: 200,
        totalTokenCount: 4296,
        cachedContentTokenCount: 2048,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 4096 }],
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 2048 }],
      }),
    },
    // 307.2 + 61.44 + 250
    totalCost: '0.00061864',
    expect: {
      model: 'gemini-2.5-flash',
      canonicalModel: 'gemini-2.5-flash',
      promptTokens: 4096,
      cachedPromptTokens: 2048,
      completionTokens: 200,
      lines: [
        ['input', 2048, '0.15'],
        ['cachedInput', 2048, '0.03'],
        ['output', 200, '1.25'],
      ],
    },
  },
  {
    name: 'a Gemini answer at the flex tier',
    input: {
      provider: 'google',
      serviceTier: 'flex',
      response: answer('gemini-3.5-flash', {
        promptTokenCount: 1200,
        candidatesTokenCount: 300,
        totalTokenCount: 1900,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1200 }],
        thoughtsTokenCount: 400,
      }),
    },
    // 900 + 3,150
    totalCost: '0.00405',
    expect: {
      model: 'gemini-3.5-flash',
      canonicalModel: 'gemini-3.5-flash',
      promptTokens: 1200,
      cachedPromptTokens: 0,
      completionTokens: 700,
      lines: [
        ['input', 1200, '0.75'],
        ['output', 700, '4.5'],
      ],
    },
  },
  {
    name: 'the usage with which a streamed Gemini answer ends',
    input: {
      provider: 'google',
      model: 'gemini-2.5-flash-lite',
      usage: {
        promptTokenCount: 64,
        candidatesTokenCount: 512,
        totalTokenCount: 576,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 64 }],
      },
    },
    // 6.4 + 204.8
    totalCost: '0.0002112',
    expect: {
      model: 'gemini-2.5-flash-lite',
      canonicalModel: 'gemini-2.5-flash-lite',
      promptTokens: 64,
      cachedPromptTokens: 0,
      completionTokens: 512,
      lines: [
        ['input', 64, '0.1'],
        ['output', 512, '0.4'],
      ],
    },
  },
]
