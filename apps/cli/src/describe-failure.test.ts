import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { breakingProxy, freePort } from '@mgx/db/testing'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { mgxHere } from './testing/run-here.js'
import { emptyFolder } from './testing/run-mgx.js'

let server: TestServer
let memberKey: string
beforeAll(async () => {
  server = await startTestServer()
  const created = await mgx(['users', 'create', '--username', 'ada', '--email', 'ada@example.com'])
  memberKey = JSON.parse(created.stdout).apiKey
  await mgx(['runs', 'create', '--name', 'A', '--idea', 'A', '--investment', '1'])
})
afterAll(() => server.close())

const mgx = (args: string[], env: Record<string, string> = {}) =>
  mgxHere(args, { env: { MGX_URL: server.url, MGX_API_KEY: server.adminApiKey, XDG_CONFIG_HOME: '/nowhere', ...env } })

const REQUEST = /^mgx: [^\n]*\(request [\w-]+\)\n/

test.each([
  [['runs', 'show', '99'], 3, /Check the id/],
  [['runs', 'watch', '99'], 3, /Check the id/],
  [['costs', 'watch', '99'], 3, /Check the id/],
  [['costs', 'export', '99', '--output', 'csv'], 3, /Check the id/],
  [['budget', 'reserve', '1', '2'], 5, /mgx runs raise/],
  [['runs', 'complete', '1'], 1, undefined],
  [['users', 'create', '--username', 'ada', '--email', 'b@example.com'], 1, undefined],
  [['runs', 'create', '--name', 'B', '--idea', 'B', '--investment', '-1'], 2, /See: mgx runs create --help/],
  [
    ['costs', 'record', '1', '--model', 'unheard-of', '--prompt-tokens', '1', '--completion-tokens', '1'],
    1,
    /prices set/,
  ],
])('%j fails with %i, the request id and the next step', async (args, code, next) => {
  const failed = await mgx(args)
  expect(failed).toMatchObject({ code, stdout: '' })
  expect(failed.stderr).toMatch(REQUEST)
  const [, second = '', ...rest] = failed.stderr.split('\n')
  if (next) expect(second).toMatch(next)
  expect(rest.join('')).toBe('')
})

test('a key that is wrong, and what a member may not do', async () => {
  const wrong = await mgx(['runs', 'list'], { MGX_API_KEY: 'mgx_key_wrong' })
  expect(wrong).toMatchObject({ code: 4, stdout: '' })
  expect(wrong.stderr).toMatch(/^mgx: The server does not accept the API key.*\(request .*\)\nGive MGX_API_KEY a key/)
  const forbidden = await mgx(['users', 'list'], { MGX_API_KEY: memberKey })
  expect(forbidden).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/mgx whoami\n$/) })
})

test('without a key nothing is asked of the server', async () => {
  expect(await mgx(['runs', 'list'], { MGX_API_KEY: '' })).toEqual({
    code: 4,
    stdout: '',
    stderr: `mgx: Not signed in to ${server.url}.\nSign in with: mgx login, or set MGX_API_KEY\n`,
  })
})

test.each([['runs list'], ['doctor'], ['whoami'], ['costs watch 1'], ['runs watch 1'], ['api system.health']])(
  'without a server %s ends with 6',
  async (line) => {
    const MGX_URL = `http://127.0.0.1:${await freePort()}`
    const { code, stdout, stderr } = await mgx(line.split(' '), { MGX_URL })
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toMatch(/^mgx: .*no response from http:\/\/127.*ECONNREFUSED.*\nIs MGX_URL.*\n$/)
  },
)

test('doctor without a key says so, and what answers but is no MGX server is none', async () => {
  const { code, stdout } = await mgx(['doctor', '--output', 'csv'], { MGX_API_KEY: '' })
  expect({ code, line: stdout.split('\n').find((line) => line.startsWith('key')) }).toEqual({
    code: 4,
    line: 'key,failed,not signed in: mgx login',
  })
  const other = createServer((_, response) => response.end('<html>')).listen(0)
  onTestFinished(() => void other.close())
  const MGX_URL = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  expect(await mgx(['doctor'], { MGX_URL })).toMatchObject({ code: 6, stdout: '' })
})

test('Ctrl-C ends a live view while the server is silent', async () => {
  const proxy = await breakingProxy(server.url)
  onTestFinished(proxy.close)
  // Its age changes what is drawn every second.
  const cost = ['--model', 'm', '--prompt-tokens', '1', '--completion-tokens', '1', '--total-cost', '0.1']
  await mgx(['costs', 'record', '1', ...cost])
  let silentAt: number | undefined
  const { code, stdout } = await mgxHere(['runs', 'watch', '1'], {
    env: { MGX_URL: proxy.url, MGX_API_KEY: server.adminApiKey },
    terminal: { columns: 80, rows: 24 },
    interruptWhen(printed) {
      if (!printed.includes('Run 1')) return false
      if (silentAt === undefined) proxy.silence()
      silentAt ??= performance.now()
      return performance.now() - silentAt > 2_000
    },
  })
  expect(code).toBe(130)
  expect(stdout).toContain('Run 1')
  expect(performance.now() - (silentAt ?? 0)).toBeLessThan(10_000)
})

test('a profile that cannot be read, and a URL that is none', async () => {
  const XDG_CONFIG_HOME = emptyFolder()
  expect(await mgx(['runs', 'list', '--profile', '../x'], { XDG_CONFIG_HOME })).toMatchObject({ code: 2, stdout: '' })
  expect(await mgx(['runs', 'list'], { MGX_URL: 'ftp://x' })).toEqual({
    code: 2,
    stdout: '',
    stderr: 'mgx: url must begin with http:// or https://\n',
  })
})
