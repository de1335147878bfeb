import { beforeAll, expect, test } from 'vitest'
import { createMgxClient, type MgxClient } from './index.js'
import { describeServers } from './testing/describe-servers.js'

// Interfaces and classes, as in the providers' packages: TypeScript does not assign them to records.

interface ChatCompletion {
  id: string
  choices: Array<{ index: number; message: { content: string | null } }>
  model: string
  object: 'chat.completion'
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
}
const chat: ChatCompletion = {
  id: 'chatcmpl-1',
  choices: [{ index: 0, message: { content: 'Hello' } }],
  model: 'gpt-4o',
  object: 'chat.completion',
  usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
}

interface Message {
  id: string
  content: Array<{ type: 'text'; text: string }>
  model: string
  type: 'message'
  usage: { input_tokens: number; output_tokens: number; cache_read_input_tokens: number | null }
}
const message: Message = {
  id: 'msg_1',
  content: [{ type: 'text', text: 'Hello' }],
  model: 'claude-sonnet-4-5',
  type: 'message',
  usage: { input_tokens: 1000, output_tokens: 500, cache_read_input_tokens: null },
}

/** Has fields and getters derived from them, as Google's class does; one getter warns when it is read. */
class GenerateContentResponse {
  candidates?: { content?: { parts?: { text?: string }[] } }[]
  modelVersion?: string
  usageMetadata?: { promptTokenCount?: number; candidatesTokenCount?: number }
  readonly #warned: string[] = []
  get text(): string | undefined {
    this.#warned.push('there are parts that are no text')
    return this.candidates?.[0]?.content?.parts?.[0]?.text
  }
  get warned(): number {
    return this.#warned.length
  }
}
const generated = Object.assign(new GenerateContentResponse(), {
  candidates: [{ content: { parts: [{ text: 'Hello' }] } }],
  modelVersion: 'gemini-2.5-flash',
  usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 500 },
})

/** A response that builds its body in `toJSON`. */
class WrappedResponse {
  readonly #body = chat
  toJSON(): ChatCompletion {
    return this.#body
  }
}
const computed = Object.defineProperty({ ...chat }, 'usage', { enumerable: true, get: () => chat.usage })

describeServers('the response object of a provider’s package, sent to a server', (server) => {
  let mgx: MgxClient
  let projectId: number
  beforeAll(async () => {
    mgx = createMgxClient(server)
    projectId = (await mgx.projects.create({ name: 'n', idea: 'i', metadata: message })).id
  })

  test.each([
    [
      'an interface of OpenAI',
      () => mgx.costs.recordUsage({ projectId, provider: 'openai', response: chat }),
      'gpt-4o',
    ],
    [
      'an interface of Anthropic',
      () => mgx.costs.recordUsage({ projectId, provider: 'anthropic', response: message }),
      'claude-sonnet-4-5',
    ],
    [
      'a class of Google',
      () => mgx.costs.recordUsage({ projectId, provider: 'google', response: generated }),
      'gemini-2.5-flash',
    ],
    [
      'a class that makes its JSON',
      () => mgx.costs.recordUsage({ projectId, provider: 'openai', response: new WrappedResponse() }),
      'gpt-4o',
    ],
    [
      'one with a getter of its own',
      () => mgx.costs.recordUsage({ projectId, provider: 'openai', response: computed }),
      'gpt-4o',
    ],
  ])('%s', async (_, record, model) => {
    expect((await record()).record).toMatchObject({ model, promptTokens: 1000, completionTokens: 500 })
    expect(generated.warned).toBe(0)
  })

  test('an object typed as an interface is accepted as metadata', async () => {
    expect((await mgx.projects.get({ id: projectId })).metadata).toEqual(message)
  })
})
