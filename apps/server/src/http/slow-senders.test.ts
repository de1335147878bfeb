import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const head = 'POST /trpc/users.me HTTP/1.1\r\nHost: a\r\n'
const headWithBody = `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`

test.concurrent.each([
  ['headers, and then nothing', head, ''],
  ['headers, a byte at a time', `${head}x: `, 'x'],
  ['a body, and then nothing', `${headWithBody}{`, ''],
  ['a body, a byte at a time', `${headWithBody}{`, ' '],
  ['a body of another way, a byte at a time', headWithBody.replace('/trpc/users.me', '/api/costs'), ' '],
])('half of %s: refused and disconnected after 30 seconds', { timeout: 90_000 }, async (_name, begin, more) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  // Such a caller goes on writing after the connection has ended.
  socket.on('error', () => {})
  socket.write(begin)
  const start = performance.now()
  const dripping = setInterval(() => socket.write(more), 300)
  await once(socket, 'close')
  clearInterval(dripping)
  expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*connection: close[\s\S]*"reason":"invalid_input"/i)
  const seconds = (performance.now() - start) / 1_000
  expect(seconds).toBeGreaterThan(29)
  expect(seconds).toBeLessThan(35)
})
