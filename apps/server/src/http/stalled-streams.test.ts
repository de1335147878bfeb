import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { cutWhenStalled } from './http-server.js'

const STALLED_MILLISECONDS = 500
const CHUNK = Buffer.alloc(64 * 1024, 'x')

/** Opens an endless stream that is written as fast as it is read, and returns it with the reader's socket. */
async function openEndless(): Promise<{ response: ServerResponse; reader: Socket }> {
  const server = createServer(async (_request, response) => {
    cutWhenStalled(response, STALLED_MILLISECONDS)
    while (!response.destroyed) {
      await new Promise((resolve) => response.write(CHUNK, resolve))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answering = once(server, 'request')
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1')
  reader.on('error', () => undefined)
  onTestFinished(() => {
    reader.destroy()
    server.close()
  })
  reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [, response] = (await answering) as [unknown, ServerResponse]
  return { response, reader }
}

test('a stream whose reader reads nothing is cut', async () => {
  const { response } = await openEndless()
  const begin = performance.now()
  await once(response, 'close')
  expect(performance.now() - begin).toBeGreaterThanOrEqual(STALLED_MILLISECONDS - 50)
})

test('a stream whose reader is slow goes on', async () => {
  const { response, reader } = await openEndless()
  reader.pause()
  for (let round = 0; round < 20; round += 1) {
    await sleep(STALLED_MILLISECONDS / 5)
    reader.resume()
    await sleep(STALLED_MILLISECONDS / 10)
    reader.pause()
  }
  expect(response.destroyed).toBe(false)
})
