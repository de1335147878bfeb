import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ReceivedSpan, startOtlpReceiver } from '../testing/otlp-receiver.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'

const SDK = fileURLToPath(new URL('../testing/telemetry.mjs', import.meta.url))
const Created = z.object({ result: z.object({ data: z.object({ id: z.number() }) }) })
const SERVER = 2
const INTERNAL = 1
const ERROR = 2

const newTrace = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') })
type Trace = ReturnType<typeof newTrace>
const traceparentOf = ({ traceId, spanId }: Trace) => `00-${traceId}-${spanId}-01`

async function startTraced(env: NodeJS.ProcessEnv) {
  const server = await startServer(emptyFolder(), { MGX_SEED: 'false', ...env })
  const authorization = `Bearer ${printedKey(server)}`
  async function send(path: string, { body, trace }: { body?: unknown; trace?: Trace } = {}) {
    const requestId = randomBytes(8).toString('hex')
    const response = await fetch(server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        'x-request-id': requestId,
        ...(trace && { traceparent: traceparentOf(trace) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    const lines = () => server.log().filter((line) => line.requestId === requestId && line.msg === 'request')
    await expect.poll(lines).toHaveLength(1)
    return { answer, line: lines()[0], headers: response.headers }
  }
  return { send, log: server.log }
}

describe.each(testDatabases)('a server on $name with an OpenTelemetry SDK', (database) => {
  test('sends a span of each call below that of its caller, and one of each group with links to its calls', async () => {
    const { url, spans } = await startOtlpReceiver()
    const databaseUrl = await database.migratedUrl()
    const { send, log } = await startTraced({
      DATABASE_URL: databaseUrl,
      NODE_OPTIONS: `--import=${SDK}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
    })
    const project = { name: 'traced', idea: 'i', investment: '1' }
    const { answer } = await send('/trpc/projects.create', { body: project })
    const { id: projectId } = Created.parse(answer).result.data
    const cost = { projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

    const traces = { plain: newTrace(), rest: newTrace(), stock: newTrace(), batch: newTrace(), refused: newTrace() }
    const sent = {
      plain: await send('/trpc/budgets.get', { body: { projectId }, trace: traces.plain }),
      rest: await send(`/api/projects/${projectId}/budget`, { trace: traces.rest }),
      stock: await send('/trpc/system.health?unusual=1', { trace: traces.stock }),
      batch: await send('/trpc/costs.record,costs.record,costs.record?batch=1', {
        body: { 0: cost, 1: cost, 2: { ...cost, totalCost: '0.2' } },
        trace: traces.batch,
      }),
      refused: await send('/trpc/projects.get', { body: { id: 999_999 }, trace: traces.refused }),
    }
    const untraced = await send('/trpc/system.health')
    const traceIds = Object.values(traces).map(({ traceId }) => traceId)

    const callsIn = ({ traceId }: { traceId: unknown }) =>
      spans.filter((span) => span.traceId === traceId && span.name !== 'ledger.commit')
    await expect.poll(() => callsIn({ traceId: untraced.line?.traceId })).toHaveLength(1)
    const summary = (found: ReceivedSpan[]) =>
      found.map(({ name, kind, parentSpanId }) => ({ name, kind, parentSpanId }))
    const expected = (trace: Trace, name: string) => ({ name, kind: SERVER, parentSpanId: trace.spanId })
    expect(summary(callsIn(traces.plain))).toEqual([expected(traces.plain, 'budgets.get')])
    expect(summary(callsIn(traces.rest))).toEqual([expected(traces.rest, 'budgets.get')])
    expect(summary(callsIn(traces.stock))).toEqual([expected(traces.stock, 'system.health')])
    expect(summary(callsIn(traces.batch))).toEqual(Array(3).fill(expected(traces.batch, 'costs.record')))
    expect(callsIn(traces.plain)[0]).toMatchObject({
      attributes: { 'rpc.system.name': 'trpc', 'rpc.method': 'budgets.get' },
      status: { code: 0 },
      links: [],
    })
    expect(callsIn(traces.refused)).toMatchObject([
      {
        name: 'projects.get',
        attributes: { 'rpc.method': 'projects.get', 'error.type': 'not_found' },
        status: { code: ERROR },
        events: [],
      },
    ])
    expect(callsIn({ traceId: untraced.line?.traceId })).toMatchObject([{ name: 'system.health' }])
    for (const [name, { line, headers }] of Object.entries(sent)) {
      expect(line?.traceId, name).toBe(traces[name as keyof typeof traces].traceId)
      expect(headers.has('traceparent'), name).toBe(false)
    }

    // The calls of a batch are committed in one group.
    const groups = spans.filter(({ name }) => name === 'ledger.commit')
    const recorded = callsIn(traces.batch).map(({ traceId, spanId }) => ({ traceId, spanId }))
    expect(groups).toMatchObject([
      { kind: INTERNAL, attributes: { 'mgx.group.calls': 3, 'mgx.group.operations': 3 }, status: { code: 0 } },
    ])
    expect(groups[0]?.links.map(({ traceId, spanId }) => ({ traceId, spanId }))).toEqual(recorded)
    // It is the root of a trace of its own, even though a call began it.
    expect(groups[0]?.parentSpanId ?? '').toBe('')
    expect(traceIds).not.toContain(groups[0]?.traceId)

    // A failure within the server: the spans have the reason, and the log has the cause under the trace.
    const db = await openDatabase(databaseUrl)
    await db.raw('DROP TABLE cost_rollups')
    await db.destroy()
    const trace = newTrace()
    await send('/trpc/costs.record', { body: cost, trace })
    const failedGroups = () => spans.filter(({ name, status }) => name === 'ledger.commit' && status.code === ERROR)
    await expect.poll(() => callsIn(trace)).toHaveLength(1)
    await expect.poll(failedGroups).toMatchObject([{ links: [{ traceId: trace.traceId }] }])
    for (const span of [...callsIn(trace), ...failedGroups()]) {
      expect(span).toMatchObject({ attributes: { 'error.type': 'internal' }, status: { code: ERROR }, events: [] })
      expect(span.status).not.toHaveProperty('message')
    }
    const causes = log().filter((line) => line.msg === 'internal error')
    expect(causes).toMatchObject([{ traceId: trace.traceId }])
  })
})

test('a server without an SDK names the trace of its caller in the log', async () => {
  const { send } = await startTraced({})
  const trace = newTrace()
  for (const path of ['/trpc/users.me', '/api/users/me', '/trpc/users.me?unusual=1']) {
    expect((await send(path, { trace })).line, path).toMatchObject({ traceId: trace.traceId })
    expect((await send(path, { trace: { ...trace, traceId: '0'.repeat(32) } })).line, path).not.toHaveProperty(
      'traceId',
    )
    expect((await send(path)).line, path).not.toHaveProperty('traceId')
  }
})
