import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { ChatCompletion } from './provider.js'

type Asked = { model: string; messages: { content: string }[]; max_tokens: number }

/**
 * Starts a stand-in for a provider, so that the example runs without internet and without a key. It implements OpenAI's
 * chat completions with some delay and a varying number of tokens. There is no model behind it: the answers mean nothing.
 */
export async function startStandInProvider(): Promise<{ baseUrl: string; close: () => void }> {
  let answers = 0
  const server = createServer((request, response) => {
    answers += 1
    answer(request, response, answers).catch((error: unknown) => response.writeHead(400).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, count: number): Promise<void> {
  const asked = (await json(request)) as Asked
  await pause(5 + ((count * 17) % 40))
  const letters = asked.messages.reduce((sum, { content }) => sum + content.length, 0)
  const completion: ChatCompletion = {
    model: asked.model,
    choices: [{ message: { content: `The stand-in's answer ${count}.` } }],
    usage: {
      prompt_tokens: Math.ceil(letters / 4) + 7,
      completion_tokens: 1 + ((count * 37) % asked.max_tokens),
    },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion))
}
