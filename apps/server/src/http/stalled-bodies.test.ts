import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const MEBIBYTE = 1024 * 1024
const SENDERS = 300

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('bodies that stall take at most 256 MiB together: the longest are refused', { timeout: 60_000 }, async () => {
  const body = Buffer.alloc(MEBIBYTE - 1, ' ')
  const head = `POST /trpc/users.me HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${MEBIBYTE}\r\n\r\n`
  const answers = Array.from({ length: SENDERS }, () => '')
  const sockets = answers.map((_, index) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
    socket.setEncoding('utf8').on('data', (text) => {
      answers[index] = `${answers[index]}${text}`
    })
    socket.write(head)
    socket.write(body)
    return socket
  })
  const refused = () => answers.filter((answer) => answer.startsWith('HTTP/1.1 503')).length
  await expect.poll(refused, { timeout: 20_000 }).toBeGreaterThanOrEqual(SENDERS - 256)
  await sleep(1_000)
  expect(refused()).toBeLessThan(SENDERS - 200)
  expect(answers.find((answer) => answer !== '')).toContain('"reason":"unavailable"')
  const health = await fetch(`${server.url}/trpc/system.health`)
  expect(health.status).toBe(200)
  const index = answers.indexOf('')
  sockets[index]?.write('}')
  await expect.poll(() => answers[index]).toMatch(/^HTTP\/1.1 401/)
  for (const socket of sockets) socket.destroy()
})
