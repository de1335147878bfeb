import { startTestServer, type TestServer } from './test-server.js'

export type Request = {
  /** The path after `/trpc/`, or the whole path when it begins with a slash. */
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** The response bodies of the calls so far, by procedure. */
export type Answers = Map<string, string>

/** The parts of a response that are compared. */
export type Answer = { status: number; headers: Record<string, string | null>; body: unknown }

/** A server, and one of the ways to call it. */
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

/** Adds an unknown parameter, so that tRPC's own adapter handles the request. */
export function unusual(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}unusual=1`
}

/** Starts a server on a new database; `onItsWay` changes the path of each request. */
export async function startWay(databaseUrl: string, onItsWay: (path: string) => string): Promise<Way> {
  const server = await startTestServer({ databaseUrl, adminApiKey: 'the-key-of-the-first-admin' })
  const answers: Answers = new Map()
  let number = 0
  return {
    server,
    answers,
    async send({ path, method = 'POST', headers, body }) {
      number += 1
      // They are counted by a timer of each server, and some responses show the counts.
      await server.services.failedSignIns.flush()
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
        // JSON is always UTF-8, with or without a charset.
        headers: Object.fromEntries(
          comparedHeaders.map((name) => [name, response.headers.get(name)?.replace('; charset=utf-8', '') ?? null]),
        ),
        body: withoutChance(text),
      }
    },
  }
}

/** Replaces instants, durations, random credentials and the names of signing keys, which differ from call to call. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
    .replaceAll(/mgx_(key|ses)_[\w-]+/g, '<$1>')
    .replaceAll(/"keyId":"[\w-]+"/g, '"keyId":"…"')
    .replaceAll(/"milliseconds":\d+/g, '"milliseconds":0')
}
