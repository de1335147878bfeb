import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keepConnected } from './redis-connection.js'

const PASSWORD = 'the-password%3Aof-redis'
const urlAt = (place: string | number) => `redis://someone:${PASSWORD}@127.0.0.1:${place}`

/** Returns the URL of a server that answers each message it gets with the text that `answer` returns. */
async function answering(answer: (message: string) => string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (data) => socket.write(answer(String(data))))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return urlAt((server.address() as AddressInfo).port)
}

test.concurrent.each([
  ['is down', async () => urlAt(1)],
  ['is unknown', async () => urlAt(6379).replace('127.0.0.1', 'redis.invalid')],
  ['cannot be read', async () => urlAt('port')],
  ['never replies', () => answering(() => '')],
  ['is something else', () => answering(() => 'HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['refuses the password', () => answering(() => '-WRONGPASS invalid username-password pair\r\n')],
  // As servers do that know no HELLO, with the password in plain text.
  ['repeats what it was sent', () => answering((text) => `-ERR unknown: ${text.replaceAll('\r\n', ' ')}\r\n`)],
])('a Redis that %s delays nothing, is logged once, without the password', async (_, url) => {
  const log = { warn: vi.fn(), info: vi.fn() }
  const begin = vi.fn(async () => {})
  const options = { url: await url(), log, begin, prepare: async () => {}, heartbeat: async () => {} }
  const connection = keepConnected(options)
  const work = vi.fn(async () => 'reply')
  const start = performance.now()
  expect(await connection.ask(work)).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(100)
  await vi.waitFor(() => expect(log.warn).toHaveBeenCalledOnce(), { timeout: 5_000 })
  // It tries again in this time.
  await sleep(1_200)
  expect(await connection.ask(work)).toBeUndefined()
  await connection.close()
  expect(log.warn).toHaveBeenCalledOnce()
  expect([log.info, begin, work].map((mock) => mock.mock.calls.length)).toEqual([0, 0, 0])
  const logged = JSON.stringify(log.warn.mock.calls)
  expect(logged).toMatch(/"why":".+"/)
  for (const secret of [PASSWORD, decodeURIComponent(PASSWORD)]) expect(logged).not.toContain(secret)
})
