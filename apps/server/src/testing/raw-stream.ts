import { once } from 'node:events'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Caller } from './rpc.js'

/** A stream as it comes over the wire, without a client that interprets it. */
export type RawStream = {
  response: IncomingMessage
  /** The text received so far. */
  text(): string
  /** Resolves with `performance.now()` when it has ended or its connection is cut. */
  closed: Promise<number>
  /** Closes the connection, as a client that goes away does. */
  abandon(): void
}

/** Opens `costs.watch`; the stream is abandoned at the end of the test. */
export async function openStream(
  { url, apiKey }: Caller,
  input: object,
  { method = 'GET', headers = {} }: { method?: 'GET' | 'POST'; headers?: OutgoingHttpHeaders } = {},
): Promise<RawStream> {
  const json = JSON.stringify(input)
  const address = `${url}/trpc/costs.watch${method === 'GET' ? `?input=${encodeURIComponent(json)}` : ''}`
  const asking = request(address, {
    method,
    // A connection of its own, so that ending the stream ends the connection.
    agent: false,
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${apiKey}`,
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  const abandon = () => void asking.destroy()
  onTestFinished(abandon)
  asking.on('error', () => undefined).end(method === 'POST' ? json : undefined)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8').on('error', () => undefined)
  response.on('data', (chunk) => {
    text += chunk
  })
  const closed = new Promise<number>((resolve) => response.once('close', () => resolve(performance.now())))
  return { response, text: () => text, closed, abandon }
}

/** Returns the ids of the events in a stream. */
export const idsIn = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))

/** Returns the refusal that a stream ended with, if any. */
export function refusalIn(text: string): { message: string; data: { reason: string } } | undefined {
  const [, data] = /^event: serialized-error\ndata: (.*)$/m.exec(text) ?? []
  return data === undefined ? undefined : JSON.parse(data)
}
