import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyFolder, printedKey, type ServerProcess, startServer } from './testing/server-process.js'

const body = '{"name":"Snake","idea":"A game"}'

/** A request of which the server has all but the end. */
type HalfRequest = { finish(): void; answer: Promise<string> }

async function sendHalf(server: ServerProcess, head: string[], rest: string): Promise<HalfRequest> {
  const socket = await open(server)
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  socket.write(head.join('\r\n'))
  await sleep(300)
  return { finish: () => socket.write(rest), answer: once(socket, 'close').then(() => answer) }
}

async function open({ url }: ServerProcess): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  return socket
}

function sendHalfMutation(server: ServerProcess): Promise<HalfRequest> {
  const head = [
    'POST /trpc/projects.create HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${printedKey(server)}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body.slice(0, 10),
  ]
  return sendHalf(server, head, body.slice(10))
}

function start(): Promise<ServerProcess> {
  return startServer(emptyFolder(), {})
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('stops listening, is not ready, finishes what is in flight, and ends with 0', async () => {
    const server = await start()
    const mutation = await sendHalfMutation(server)
    const probe = await sendHalf(server, ['GET /readyz HTTP/1.1', 'Host: localhost', ''], '\r\n')
    await open(server)
    const announced = server.stderr()
    server.signal(signal)
    await expect.poll(() => open(server).catch((error) => error.code)).toBe('ECONNREFUSED')

    probe.finish()
    expect(await probe.answer).toMatch(
      /^HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*{"status":"not_ready","failed":\["draining"\]}$/i,
    )
    mutation.finish()
    expect(await mutation.answer).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*"name":"Snake"/i)
    expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
  })

  test('that arrives twice at once, as under npm, is one', async () => {
    const server = await start()
    const mutation = await sendHalfMutation(server)
    server.signal(signal)
    await sleep(200)
    server.signal(signal)
    await sleep(200)
    mutation.finish()
    expect(await mutation.answer).toMatch(/^HTTP\/1.1 200 /)
    expect(await server.exited).toMatchObject({ code: 0 })
  })
})

test('a stream under way ends with the server, which does not wait for it', async () => {
  const server = await start()
  const headers = { authorization: `Bearer ${printedKey(server)}`, 'content-type': 'application/json' }
  const post = (path: string, input: string) =>
    fetch(`${server.url}/trpc/${path}`, { method: 'POST', headers, body: input })
  await post('projects.create', body)
  const stream = await post('costs.watch', '{"projectId":1}')
  const announced = server.stderr()
  const begin = performance.now()
  server.signal('SIGTERM')
  expect(await stream.text()).toMatch(/event: connected\n[\s\S]*event: serialized-error\n.*"reason":"unavailable"/)
  expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
  expect(performance.now() - begin).toBeLessThan(3_000)
})

test('a second signal ends the server at once, with 1', async () => {
  const server = await start()
  await sendHalfMutation(server)
  server.signal('SIGTERM')
  await sleep(1_500)
  const begin = performance.now()
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 1 })
  expect(performance.now() - begin).toBeLessThan(1_000)
})

test('a caller that never finishes cannot hold the server longer than ten seconds; it ends with 1', async () => {
  const server = await start()
  await sendHalfMutation(server)
  const begin = performance.now()
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 1 })
  const seconds = (performance.now() - begin) / 1_000
  expect(seconds).toBeGreaterThan(9.5)
  expect(seconds).toBeLessThan(13)
})
