import { startTestServer, type TestServer } from './test-server.js'

export type Request = {
  /** After `/trpc/`, or, with a slash before it, the whole of it. */
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** The bodies that the calls so far were answered with, by procedure. */
export type Answers = Map<string, string>

/** What a caller can tell two answers apart by. */
export type Answer = { status: number; headers: Record<string, string | null>; body: unknown }

/** A server and the way its answers are had. */
export type Way = { server: TestServer; answers: Answers; send(request: Request): Promise<Answer> }

const comparedHeaders = [
  'content-type',
  'vary',
  'x-request-id',
  'cache-control',
  'www-authenticate',
  'retry-after',
  'allow',
]

/** A parameter nobody knows makes a request unusual, and tRPC's own adapter answers it. */
export function unusual(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}unusual=1`
}

/** A server of its own on a new database; `onItsWay` changes the path of what it is sent. */
export async function startWay(databaseUrl: string, onItsWay: (path: string) => string): Promise<Way> {
  const server = await startTestServer({ databaseUrl, adminApiKey: 'the-key-of-the-first-admin' })
  const answers: Answers = new Map()
  let number = 0
  return {
    server,
    answers,
    async send({ path, method = 'POST', headers, body }) {
      number += 1
      const response = await fetch(server.url + (path.startsWith('/') ? path : `/trpc/${onItsWay(path)}`), {
        method,
        headers: {
          authorization: `Bearer ${server.adminApiKey}`,
          ...((method === 'POST' || body !== undefined) && { 'content-type': 'application/json' }),
          'x-request-id': `request-${number}`,
          ...headers,
        },
        ...(body !== undefined && { body }),
      })
      const text = await response.text()
      answers.set(path, text)
      return {
        status: response.status,
        // JSON is UTF-8 whether or not its type says so.
        headers: Object.fromEntries(
          comparedHeaders.map((name) => [name, response.headers.get(name)?.replace('; charset=utf-8', '') ?? null]),
        ),
        body: withoutChance(text),
      }
    },
  }
}

/** What is different each time: instants, and what is drawn at random. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
    .replaceAll(/mgx_(key|ses)_[\w-]+/g, '<$1>')
    .replaceAll(/"milliseconds":\d+/g, '"milliseconds":0')
}
