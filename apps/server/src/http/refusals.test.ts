import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyWays } from '../testing/body-ways.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const notUtf8: [name: string, bytes: number[]][] = [
  ['a byte of Latin-1', [0xe4]],
  ['a byte that UTF-8 never has', [0xff]],
  ['the middle of a character', [0x80]],
  ['the beginning of a character', [0xf0, 0x9f, 0x90]],
  ['a slash that is too long', [0xc0, 0xaf]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a code point past the last', [0xf4, 0x90, 0x80, 0x80]],
]

describe.each(testDatabases)('on $name', (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
  })
  afterAll(() => server.close())

  const post = async (path: string, body: NonNullable<RequestInit['body']>) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit)
  /** Reads the error of a response in the format of tRPC, of a batch or of REST. */
  const factsOf = async (response: Response) => {
    type Facts = Record<string, unknown> & { error?: { message: string; data: object }; result?: { data: object } }
    const [facts = {}] = [(await response.json()) as Facts | Facts[]].flat()
    const { error, result } = facts
    return error ? { message: error.message, ...error.data } : { ...(result?.data ?? facts) }
  }
  const bodyWith = (name: Uint8Array, isBatch: boolean) =>
    Buffer.concat([
      Buffer.from(`${isBatch ? '{"0":' : ''}{"name":"a`),
      name,
      Buffer.from(`","idea":"b"}${isBatch ? '}' : ''}`),
    ])
  /** Returns the same bytes in two chunks, without a length. */
  const inParts = (bytes: Buffer, at: number) => ReadableStream.from([bytes.subarray(0, at), bytes.subarray(at)])

  describe.each(bodyWays)('%s', (_name, path, isBatch) => {
    test.each(notUtf8)('with %s is refused, and nothing is kept', async (_what, bytes) => {
      const body = bodyWith(Buffer.from(bytes), isBatch)
      for (const sent of [body, inParts(body, body.length - 3)]) {
        const response = await post(path, sent)
        expect(await factsOf(response)).toMatchObject({
          reason: 'invalid_input',
          message: 'the body is not valid UTF-8',
          requestId: response.headers.get('x-request-id'),
        })
        expect([response.status, response.headers.get('cache-control')]).toEqual([400, 'no-store'])
      }
      const projects = await fetch(`${server.url}/api/projects`, {
        headers: { authorization: `Bearer ${server.adminApiKey}` },
      })
      expect(await projects.json()).toEqual({ items: [], nextCursor: null })
    })
  })

  test.each(bodyWays)(
    '%s reads the text that was sent, wherever it is split into chunks',
    async (_name, path, isBatch) => {
      const name = '\u{1f40d}ä\ufffd\ud7ff\u{10ffff}'
      const body = bodyWith(Buffer.from(name), isBatch)
      const start = body.indexOf(Buffer.from(name))
      for (const sent of [body, ...[1, 2, 3, 5].map((at) => inParts(body, start + at))]) {
        expect(await factsOf(await post(path, sent))).toMatchObject({ name: `a${name}` })
      }
    },
  )
})
