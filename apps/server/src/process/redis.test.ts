import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'

const PASSWORD = 'the-password%3Aof-redis'

/** Returns the URL of a server that accepts connections, and does this with each. */
async function listening(onData: (data: Buffer, reply: (text: string) => void) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (data) => onData(data, (text) => socket.write(text)))
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return `redis://:${PASSWORD}@127.0.0.1:${address.port}`
}

test('a server whose REDIS_URL names something else starts and serves, warns once, and tells no password', async () => {
  // As servers do that know no HELLO, with the password in plain text.
  const url = await listening((data, reply) =>
    reply(`-ERR unknown command: ${String(data).replaceAll('\r\n', ' ')}\r\n`),
  )
  const server = await startServer(emptyFolder(), { REDIS_URL: url, LOG_LEVEL: 'trace' })
  const caller = { url: server.url, apiKey: printedKey(server) ?? '' }
  const warnings = () => server.log().filter(({ level }) => level === 'warn')
  await vi.waitFor(() => expect(warnings()).toHaveLength(1), { timeout: 10_000 })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  for (let read = 0; read < 2; read += 1) {
    expect(await call(caller, 'reports.projects')).toMatchObject({ items: [{}] })
  }
  // It has tried several times by now.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(warnings()).toMatchObject([{ msg: expect.stringMatching(/^Redis is gone/), why: expect.any(String) }])
  server.signal('SIGTERM')
  const { code, stdout, stderr } = await server.exited
  expect(code).toBe(0)
  for (const secret of [PASSWORD, decodeURIComponent(PASSWORD)]) expect(stdout + stderr).not.toContain(secret)
})

test('a server without REDIS_URL loads no code for Redis', () => {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
  const read = (file: string) => readFileSync(dist + file, 'utf8')
  const loaded = new Set(['main.js'])
  for (const file of loaded) {
    for (const [, name = ''] of read(file).matchAll(
      /^(?:import|export)\b[^;]*? from "\.\/([^"]+)";$|^import "\.\/([^"]+)";$/gm,
    ))
      if (existsSync(dist + name)) loaded.add(name)
  }
  const isForRedis = (file: string) => /RateLimiterRedis|@redis\+client/.test(read(file))
  expect([...loaded].filter(isForRedis)).toEqual([])
  // What it would load.
  const later = [...read('main.js').matchAll(/import\("\.\/(redis-[^"]+)"\)/g)].map(([, name = '']) => name)
  expect(later).toHaveLength(1)
  expect(later.filter(isForRedis)).toEqual(later)
})
