import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, type ServerProcess, startServer } from '../testing/server-process.js'

const body = '{"name":"Snake","idea":"A game"}'

/** A request whose last part has not been sent. */
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
  const socket = connect(Number(new URL(url).port), new URL(url).hostname.replace(/[[\]]/g, ''))
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  return socket
}

function sendHalfMutation(server: ServerProcess, rest = body.slice(10)): Promise<HalfRequest> {
  const head = [
    'POST /trpc/projects.create HTTP/1.1',
    'Host: localhost',
    `Authorization: ${authorized(server).authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body.slice(0, 10),
  ]
  return sendHalf(server, head, rest)
}

function authorized(server: ServerProcess): { authorization: string } {
  return { authorization: `Bearer ${printedKey(server)}` }
}

function start(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  return startServer(emptyFolder(), env)
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test.each(['127.0.0.1', 'localhost'])(
    'on %s: stops listening, is not ready, finishes what is in flight, and ends with 0',
    async (HOST) => {
      const server = await start({ HOST })
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
    },
  )

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
  const headers = { ...authorized(server), 'content-type': 'application/json' }
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

test.each([
  ['a body', (server: ServerProcess) => sendHalfMutation(server, ' ')],
  ['headers', (server: ServerProcess) => sendHalf(server, ['GET /trpc/users.me HTTP/1.1', 'Host: loc'], 'a')],
  ['a first line', (server: ServerProcess) => sendHalf(server, ['GET /'], 'a')],
])('callers that never finish %s are told so, and the server ends with 0', async (_name, send) => {
  const server = await start()
  const announced = server.stderr()
  const [silent, slow] = [await send(server), await send(server)]
  const sending = setInterval(slow.finish, 200)
  onTestFinished(() => clearInterval(sending))
  const begin = performance.now()
  server.signal('SIGTERM')
  for (const { answer } of [silent, slow]) {
    expect(await answer).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*"reason":"unavailable"/i)
  }
  expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
  expect(performance.now() - begin).toBeLessThan(7_000)
})

test('a stream reader that has stopped reading does not delay the shutdown, which ends with 0', {
  timeout: 120_000,
}, async () => {
  const server = await start()
  const caller = { url: server.url, apiKey: printedKey(server) ?? '' }
  const wide = { model: '龍'.repeat(200), actionType: '龍'.repeat(100) }
  const record = { projectId: 2, ...wide, promptTokens: 1, completionTokens: 1, totalCost: '0.001' }
  await call(caller, 'projects.create', { name: 'Snake', idea: 'A game' })
  const reader = await open(server)
  const input = encodeURIComponent('{"projectId":2}')
  reader.write(`GET /trpc/costs.watch?input=${input} HTTP/1.1\r\nHost: localhost\r\n`)
  reader.write(`Authorization: Bearer ${caller.apiKey}\r\n\r\n`)
  // More than the buffers of both ends hold.
  for (let round = 0; round < 20; round += 1) {
    await call(caller, 'costs.recordMany', { records: Array.from({ length: 1_000 }, () => record) })
  }
  await sleep(5_000)
  const announced = server.stderr()
  const begin = performance.now()
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
  expect(performance.now() - begin).toBeLessThan(7_000)
})

test('callers with kept-alive connections get every response under load, and are told to close the connections', {
  timeout: 90_000,
}, async () => {
  const server = await start()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const failures: string[] = []
  let told = 0
  let answered = 0
  const callers = Array.from({ length: 48 }, async (_, index) => {
    for (;;) {
      // Some callers pause, so that their connections are idle at times.
      if (index % 3 === 0) await sleep(Math.random() * 30)
      const request = get(`${server.url}/trpc/users.me`, { agent, headers: authorized(server) })
      try {
        const [response] = await once(request, 'response')
        await once(response.resume(), 'end')
        answered += 1
        if (response.headers.connection === 'close') told += 1
      } catch (error) {
        if (request.reusedSocket) failures.push(String(error))
        return
      }
    }
  })
  await expect.poll(() => answered, { timeout: 60_000 }).toBeGreaterThan(300)
  const announced = server.stderr()
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
  await Promise.all(callers)
  expect(failures).toEqual([])
  expect(told).toBe(48)
})
