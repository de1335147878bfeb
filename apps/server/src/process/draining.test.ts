import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@mgx/db'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, type ServerProcess, startServer } from '../testing/server-process.js'

const usage = { projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }

type Served = ServerProcess & { apiKey: string; databaseUrl: string }

/** Starts a server with one project, on SQLite. */
async function start(env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const folder = emptyFolder()
  const databaseUrl = `sqlite:${join(folder, 'test.db')}`
  const server = await startServer(folder, { DATABASE_URL: databaseUrl, MGX_SEED: 'false', ...env })
  const served = { ...server, apiKey: printedKey(server) ?? '', databaseUrl }
  await call(served, 'projects.create', { name: 'Snake', idea: 'A game' })
  return served
}

async function recordsIn({ databaseUrl }: Served): Promise<string[]> {
  const db = await openDatabase(databaseUrl)
  const rows = await db('cost_records').orderBy('id')
  await db.destroy()
  return rows.map(({ idempotencyKey }) => idempotencyKey)
}

async function post({ url, apiKey }: Served, path: string, input: unknown, agent: Agent | false = false) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const sent = request(`${url}/trpc/${path}`, { method: 'POST', agent, headers }).end(JSON.stringify(input))
  const [response]: [IncomingMessage] = await (once(sent, 'response') as never)
  return { status: response.statusCode, connection: response.headers.connection, body: await text(response) }
}

function watch({ url, apiKey }: Served): Promise<Response> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return fetch(`${url}/trpc/costs.watch`, { method: 'POST', headers, body: '{"projectId":1}' })
}

/** Resolves when the server has noticed the signal. */
async function isTold(server: Served): Promise<void> {
  while (!server.log().some(({ msg }) => msg === 'shutting down')) await sleep(5)
}

const isRefused = async ({ url }: Served): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    () => false,
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  )

describe('with a grace', { timeout: 60_000 }, () => {
  test('a server is not ready at once, answers every call until the grace ends, and then tells streams to move on', async () => {
    const server = await start({ MGX_DRAIN_SECONDS: '3' })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const kept = await post(server, 'users.me', undefined, agent)
    const stream = await watch(server)
    server.signal('SIGTERM')
    const begin = performance.now()
    await isTold(server)

    const probe = await fetch(`${server.url}/readyz`)
    expect([probe.status, await probe.json()]).toEqual([503, { status: 'not_ready', failed: ['draining'] }])
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    // A connection from before the signal is told to close, and so is every new one.
    expect([kept.connection, (await post(server, 'users.me', undefined, agent)).connection]).toEqual([
      'keep-alive',
      'close',
    ])
    const later = await watch(server)
    const acknowledged: string[] = []
    while (performance.now() - begin < 2_700) {
      const idempotencyKey = `key-${acknowledged.length}`
      const answer = await post(server, 'costs.record', { ...usage, idempotencyKey })
      expect(answer).toMatchObject({ status: 200, connection: 'close' })
      const batch = await post(server, 'users.me,costs.total?batch=1', { 1: { projectId: 1 } })
      expect(JSON.parse(batch.body)).toHaveLength(2)
      acknowledged.push(idempotencyKey)
    }
    expect(await isRefused(server)).toBe(false)
    const ends = await Promise.all([stream.text(), later.text()])
    const graceEnded = performance.now() - begin
    expect(graceEnded).toBeGreaterThan(2_900)
    for (const end of ends) expect(end).toMatch(/event: serialized-error\n.*"reason":"unavailable"/)
    // The stream from before the signal has had every record that was written in the grace.
    expect(ends[0]?.match(/"model":"m"/g)).toHaveLength(acknowledged.length)
    expect(await isRefused(server)).toBe(true)
    expect(await server.exited).toMatchObject({ code: 0 })
    expect(performance.now() - begin).toBeLessThan(3_000 + 10_000)
    expect(await recordsIn(server)).toEqual(acknowledged)
  })

  test('a second signal within a second counts once, a later one ends the server at once, with 1', async () => {
    const server = await start({ MGX_DRAIN_SECONDS: '60' })
    server.signal('SIGINT')
    await sleep(200)
    server.signal('SIGINT')
    await sleep(1_200)
    expect(await post(server, 'costs.record', usage)).toMatchObject({ status: 200 })
    const begin = performance.now()
    server.signal('SIGTERM')
    expect(await server.exited).toMatchObject({ code: 1 })
    expect(performance.now() - begin).toBeLessThan(1_000)
    expect(await recordsIn(server)).toHaveLength(1)
  })

  test('a server that has not served yet ends without it', async () => {
    const server = await startServer(emptyFolder(), { MGX_DRAIN_SECONDS: '60', MGX_AUTO_MIGRATE: 'false' })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    server.signal('SIGTERM')
    expect(await server.exited).toMatchObject({ code: 0 })
  })
})

describe('a caller that pipelines', { timeout: 60_000 }, () => {
  const get = (server: Served) => requestOf(server, 'GET', 'users.me')

  function requestOf({ apiKey }: Served, method: 'GET' | 'POST', path: string, input?: unknown): string {
    const body = input === undefined ? '' : JSON.stringify(input)
    const sent = input === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
    return `${method} /trpc/${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${apiKey}\r\n${sent}\r\n${body}`
  }

  async function open({ url }: Served): Promise<{ socket: Socket; all: Promise<string> }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return { socket, all: text(socket) }
  }

  /** Makes every write wait, until the returned function is called. */
  async function holdWrites({ databaseUrl }: Served): Promise<() => Promise<void>> {
    const db = await openDatabase(databaseUrl)
    let end = (): void => {}
    let isHeld = (): void => {}
    const held = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const holding = db.transaction(async (trx) => {
      await trx('projects').update({ name: 'Snake' })
      isHeld()
      await new Promise<void>((resolve) => {
        end = resolve
      })
    })
    await held
    return async () => {
      end()
      await holding
      await db.destroy()
    }
  }

  test.each([
    ['without a grace', '0'],
    ['in the grace', '2'],
  ])('gets every response, of which only the last says close: %s', async (_name, MGX_DRAIN_SECONDS) => {
    const server = await start({ MGX_DRAIN_SECONDS })
    const release = await holdWrites(server)
    const { socket, all } = await open(server)
    const record = (idempotencyKey: string) => requestOf(server, 'POST', 'costs.record', { ...usage, idempotencyKey })
    socket.write(record('first') + get(server))
    socket.write(requestOf(server, 'POST', 'users.me,costs.total?batch=1', { 1: { projectId: 1 } }))
    socket.write(record('second'))
    await sleep(100)
    server.signal('SIGTERM')
    await isTold(server)
    socket.write(record('last'))
    await sleep(100)
    await release()
    const answers = (await all).split(/(?=HTTP\/1\.1 )/)
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual(Array(5).fill('HTTP/1.1 200'))
    expect(answers.map((answer) => /^connection: close/im.test(answer))).toEqual([false, false, false, false, true])
    expect(await server.exited).toMatchObject({ code: 0 })
    expect(await recordsIn(server)).toEqual(['first', 'second', 'last'])
  })

  test('without an end does not keep the server from ending with 0', async () => {
    const server = await start()
    const { socket, all } = await open(server)
    const sending = setInterval(() => socket.write(get(server).repeat(5)), 1)
    onTestFinished(() => clearInterval(sending))
    await sleep(500)
    server.signal('SIGTERM')
    const last = (await all.catch(() => '')).split(/(?=HTTP\/1\.1 )/).at(-1)
    expect(await server.exited).toMatchObject({ code: 0 })
    expect(last ?? '').toMatch(/^$|^HTTP\/1.1 200 [\s\S]*connection: close/i)
  })
})
