import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came over the wire. */
export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

/** What lies between client and server: every request is kept, and answered by `answer`, which is told how many came before. */
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

/** Passes a request on to a real server; its status and body, when it has answered in full. */
export function passOn(to: string, { method, url, headers, body }: Seen): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const onward = request(
      `${to}${url}`,
      { method, headers: { ...headers, host: new URL(to).host } },
      async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      },
    )
    onward.on('error', reject)
    onward.end(body)
  })
}

/** Answers as tRPC does. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}
