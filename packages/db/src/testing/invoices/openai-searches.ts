import type { Body, Invoice } from './invoice.js'
import { answer, response, usage } from './openai-responses.js'

/** Responses of OpenAI that searched: searches are items of the output and not part of the usage. */
export const openaiSearchInvoices: readonly Invoice[] = [
  {
    name: 'an OpenAI response that searched the web twice, then opened a page and looked for text in it',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5-2025-08-07',
        output: [
          webSearch({ type: 'search', query: 'tides', queries: ['tides'], sources: [] }),
          webSearch({ type: 'search', query: 'tides tomorrow', queries: ['tides tomorrow'], sources: [] }),
          webSearch({ type: 'open_page', url: 'https://example.com/tides' }),
          webSearch({ type: 'find_in_page', url: 'https://example.com/tides', pattern: 'high water' }),
          answer,
        ],
        usage: usage(18_230, 8960, 1402, 1024),
      }),
    },
    // 11,587.5 + 1,120 + 14,020 + 20,000
    totalCost: '0.0467275',
    expect: {
      model: 'gpt-5-2025-08-07',
      canonicalModel: 'gpt-5',
      promptTokens: 18_230,
      cachedPromptTokens: 8960,
      completionTokens: 1402,
      lines: [
        ['input', 9270, '1.25'],
        ['cachedInput', 8960, '0.125'],
        ['output', 1402, '10'],
        ['search', 2, '10'],
      ],
    },
  },
  {
    name: 'an OpenAI response whose web search does not name its action',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5-mini-2025-08-07',
        output: [webSearch(undefined), answer],
        usage: usage(328, 0, 356),
      }),
    },
    // 82 + 712 + 10,000
    totalCost: '0.010794',
    expect: {
      model: 'gpt-5-mini-2025-08-07',
      canonicalModel: 'gpt-5-mini',
      promptTokens: 328,
      cachedPromptTokens: 0,
      completionTokens: 356,
      lines: [
        ['input', 328, '0.25'],
        ['output', 356, '2'],
        ['search', 1, '10'],
      ],
    },
  },
  {
    name: 'an OpenAI response that searched files, cheaper than the web',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5-mini-2025-08-07',
        output: [fileSearch(), answer],
        usage: usage(1506, 0, 212),
      }),
    },
    // 376.5 + 424 + 2,500
    totalCost: '0.0033005',
    expect: {
      model: 'gpt-5-mini-2025-08-07',
      canonicalModel: 'gpt-5-mini',
      promptTokens: 1506,
      cachedPromptTokens: 0,
      completionTokens: 212,
      lines: [
        ['input', 1506, '0.25'],
        ['output', 212, '2'],
        ['search', 1, '2.5'],
      ],
    },
  },
  {
    name: 'an OpenAI response that searched both the web and files',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5.4-mini',
        output: [
          fileSearch(),
          webSearch({ type: 'search', query: 'a' }),
          fileSearch(),
          webSearch({ type: 'search', query: 'b' }),
          webSearch({ type: 'search', query: 'c' }),
          answer,
        ],
        usage: usage(6400, 0, 500),
      }),
    },
    // 4,800 + 2,250 + 30,000 + 5,000
    totalCost: '0.04205',
    expect: {
      model: 'gpt-5.4-mini',
      canonicalModel: 'gpt-5.4-mini',
      promptTokens: 6400,
      cachedPromptTokens: 0,
      completionTokens: 500,
      lines: [
        ['input', 6400, '0.75'],
        ['output', 500, '4.5'],
        ['search', 3, '10'],
        ['search', 2, '2.5'],
      ],
    },
  },
  {
    name: 'an OpenAI response at the flex tier, whose search is not cheaper',
    input: {
      provider: 'openai',
      response: response({
        model: 'gpt-5-mini-2025-08-07',
        output: [webSearch({ type: 'search', query: 'tides' }), answer],
        usage: usage(10_000, 6144, 1500, 1216),
        service_tier: 'flex',
      }),
    },
    // 482 + 76.8 + 1,500 + 10,000
    totalCost: '0.0120588',
    expect: {
      model: 'gpt-5-mini-2025-08-07',
      canonicalModel: 'gpt-5-mini',
      promptTokens: 10_000,
      cachedPromptTokens: 6144,
      completionTokens: 1500,
      lines: [
        ['input', 3856, '0.125'],
        ['cachedInput', 6144, '0.0125'],
        ['output', 1500, '1'],
        ['search', 1, '10'],
      ],
    },
  },
]

function webSearch(action: Body | undefined): Body {
  const item = {
    type: 'web_search_call',
    id: 'ws_67c9fa0502748190b7dd390736892e100be649c1a5ff9609',
    status: 'completed',
  }
  return action ? { ...item, action } : item
}

function fileSearch(): Body {
  const id = 'fs_67c09ccea8c48191ade9367e3ba71515'
  return { type: 'file_search_call', id, status: 'completed', queries: ['attributes of a dragon'], results: null }
}
