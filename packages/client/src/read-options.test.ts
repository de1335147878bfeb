import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMgxClient, type MgxClientOptions } from './index.js'

const good: MgxClientOptions = { url: 'http://127.0.0.1:3210', apiKey: 'mgx_key_secret' }
const creating = (options: object) => () => createMgxClient({ ...good, ...options })

beforeEach(() => {
  vi.stubEnv('MGX_URL', undefined)
  vi.stubEnv('MGX_API_KEY', undefined)
})
afterEach(() => vi.unstubAllEnvs())

describe('createMgxClient', () => {
  test.each([
    [{ url: undefined }, 'url is missing'],
    [{ url: '' }, 'url is missing'],
    [{ url: '127.0.0.1:3210' }, 'url must begin with http'],
    [{ url: 'ftp://example.com' }, 'url must begin with http'],
    [{ url: 'http://' }, 'url must begin with http'],
    [{ url: 'http://name:word@example.com' }, 'url must not contain a user'],
    [{ url: 'http://example.com/?a=b' }, 'url must not have a query'],
    [{ url: 'http://example.com/#a' }, 'url must not have a query'],
    [{ apiKey: undefined }, 'apiKey is missing'],
    [{ apiKey: '' }, 'apiKey is missing'],
    [{ apiKey: 'mgx_key_secret\n' }, 'apiKey must be printable'],
    [{ fetch: 'fetch' }, 'fetch must be a function'],
    [{ onRequest: {} }, 'onRequest must be a function'],
    [{ logger: { debug() {} } }, 'logger must have debug and warn'],
    [{ maxRetries: -1 }, 'maxRetries must be a whole number'],
    [{ timeoutMs: 0 }, 'timeoutMs must be a number of milliseconds'],
    [{ deadlineMs: '1s' }, 'deadlineMs must be a number of milliseconds'],
    [{ headers: { 'a b': 'c' } }, 'is not a header name'],
    [{ headers: { 'x-a': 'b\r\nc: d' } }, 'the value of x-a'],
    [{ headers: { Authorization: 'Basic x' } }, 'Authorization is set by the client'],
    [{ headers: { 'X-MGX-Client': 'mine' } }, 'X-MGX-Client is set by the client'],
  ])('rejects %j: %s', (options, message) => {
    expect(creating(options)).toThrow(TypeError)
    expect(creating(options)).toThrow(message)
  })

  test('says what is missing when there are no options', () => {
    expect(() => createMgxClient(undefined as unknown as MgxClientOptions)).toThrow('apiKey is missing')
  })

  test('reads url and apiKey from the environment unless they are passed', async () => {
    vi.stubEnv('MGX_URL', 'http://there.example.com')
    vi.stubEnv('MGX_API_KEY', 'mgx_key_there')
    const asked: string[] = []
    const fetch: MgxClientOptions['fetch'] = async (url, { headers }) => {
      asked.push(`${url} ${headers.authorization}`)
      return new Response('{"result":{"data":{}}}')
    }
    await createMgxClient({ fetch }).system.health()
    await createMgxClient({ ...good, fetch }).system.health()
    expect(asked).toEqual([
      'http://there.example.com/trpc/system.health Bearer mgx_key_there',
      'http://127.0.0.1:3210/trpc/system.health Bearer mgx_key_secret',
    ])
    vi.stubEnv('MGX_URL', '')
    expect(() => createMgxClient()).toThrow('url is missing')
  })

  test('never repeats a secret', () => {
    expect(creating({ apiKey: 'mgx_key_secret value' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })

  test('accepts a url with a path or a trailing slash', async () => {
    const asked: string[] = []
    const fetch: MgxClientOptions['fetch'] = async (url) => {
      asked.push(url)
      return new Response('{"result":{"data":{}}}')
    }
    for (const url of ['http://example.com', 'http://example.com/', 'https://example.com/mgx/']) {
      await createMgxClient({ ...good, url, fetch }).system.health()
    }
    expect(asked).toEqual([
      'http://example.com/trpc/system.health',
      'http://example.com/trpc/system.health',
      'https://example.com/mgx/trpc/system.health',
    ])
  })
})
