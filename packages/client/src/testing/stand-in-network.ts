import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Server } from './describe-servers.js'

/** One request as received. */
export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

/** Starts an HTTP server that keeps every request and responds with `answer`; `before` counts the earlier requests. */
export async function standInNetwork(answer: (seen: Seen, response: ServerResponse, before: number) => unknown) {
  const seen: Seen[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = '', url = '', headers } = incoming
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() }
    seen.push(one)
    await answer(one, response, seen.length - 1)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Forwards a request to a server; returns the status and body of the complete response. */
export async function passOn(to: Pick<Server, 'url' | 'fetch'>, { method, url, headers, body }: Seen) {
  const { authorization = '', 'content-type': type = '' } = headers
  const sent = { method, headers: { authorization, 'content-type': type }, body }
  const response = await to.fetch(`${to.url}${url}`, sent)
  return { status: response.status, body: await response.text() }
}

/** Sends a JSON response, as tRPC does. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}
