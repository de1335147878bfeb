import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, runServer, type ServerProcess, startServer } from '../testing/server-process.js'

const metricsUrlOf = (server: ServerProcess) =>
  String(server.log().find(({ msg }) => msg === 'listening')?.metricsUrl ?? `${server.url}/metrics`)

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init)
  await response.arrayBuffer()
  return response.status
}

test('METRICS_PORT serves GET /metrics without a credential, and nothing else; the main port has none then', async () => {
  const server = await startServer(emptyFolder(), { METRICS_PORT: '0' })
  const url = metricsUrlOf(server)
  expect(new URL(url).port).not.toBe(new URL(server.url).port)
  const scraped = await fetch(url)
  expect([scraped.status, scraped.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  expect(await scraped.text()).toContain('mgx_reserved_usd 0')
  expect(await statusOf(`${url}?name=x`)).toBe(200)
  for (const path of ['/', '/healthz', '/readyz', '/trpc/system.health', '/api/health', '/metrics/x', '/docs'])
    expect(await statusOf(new URL(path, url).href), path).toBe(404)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect(await statusOf(url, { method }), method).toBe(405)

  expect(await statusOf(`${server.url}/metrics`)).toBe(404)
  expect(await (await fetch(server.url)).text()).not.toContain('/metrics')
  expect(await statusOf(`${server.url}/healthz`)).toBe(200)
  // A scraper that keeps its connection does not hold up the end.
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 0 })
  await expect(fetch(url)).rejects.toThrow()
})

test('a METRICS_PORT that is taken ends the start with a line that names it, and nothing is created', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  onTestFinished(() => {
    holder.close()
  })
  const { port } = holder.address() as AddressInfo
  const { code, stdout, stderr } = await runServer(emptyFolder(), { METRICS_PORT: String(port) })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    `METRICS_PORT: ${port} is in use on 127.0.0.1: stop the process that holds it, or set another port\n`,
  )
})

test('docs/monitoring.md lists the metrics that a server exposes, with their types and labels', async () => {
  const server = await startServer(emptyFolder(), { MGX_VERIFY_EVERY: '1s' })
  const caller = { url: server.url, apiKey: printedKey(server) ?? '' }
  // Metrics with labels have samples only after the first call.
  await call(caller, 'costs.record', { projectId: 1, model: 'gpt-4o', promptTokens: 1, completionTokens: 1 })
  await call(caller, 'costs.record', { projectId: 99, model: 'x', promptTokens: 1, completionTokens: 1 }).catch(
    () => {},
  )
  const scrape = async () => (await fetch(`${server.url}/metrics`)).text()
  await expect.poll(scrape, { timeout: 10_000 }).toMatch(/^mgx_ledger_verified_timestamp_seconds [1-9]/m)
  const text = await scrape()

  const labelsOf = (name: string) => {
    const samples = [...text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'))]
    const labels = samples.flatMap(([, list = '']) => [...list.matchAll(/([a-z_]+)="/g)].map(([, label = '']) => label))
    return [...new Set(labels)].filter((label) => label !== 'le').toSorted()
  }
  const exposed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
    .map(([, name = '', type]) => [name, type, labelsOf(name)] as const)
    .filter(([name]) => !/^(process|nodejs)_/.test(name))
  const page = readFileSync(new URL('../../../../docs/monitoring.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| `(\w+)(?:\{([\w, ]+)\})?` \| (\w+) \|/gm)].map(
    ([, name, labels, type]) => [name, type, labels?.split(', ').toSorted() ?? []] as const,
  )
  expect(documented.toSorted()).toEqual(exposed.toSorted())
  expect(documented).toHaveLength(20)
  // And those of the process.
  expect(text).toMatch(/^process_resident_memory_bytes \d/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)
})
