import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { context, propagation, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { afterAll, expect, test } from 'vitest'
import { answered, clientOver } from '../testing/client-over.js'
import { answerJson, type Seen } from '../testing/stand-in-network.js'

const network = (options = {}) =>
  clientOver(
    ({ url }, response) => answerJson(response, url.includes('batch') ? [answered, answered] : answered),
    options,
  )
const traceparents = (seen: Seen[]) => seen.map(({ headers }) => headers.traceparent)

afterAll(() => {
  for (const api of [trace, context, propagation]) api.disable()
})

test('without OpenTelemetry there is no traceparent', async () => {
  const { mgx, seen } = await network()
  await mgx.users.me()
  expect(traceparents(seen)).toEqual([undefined])
})

test('with it, every call continues the trace of its span, and nothing else is sent', async () => {
  new NodeTracerProvider().register()
  const tracer = trace.getTracer('test')
  const { mgx, seen } = await network()
  const ids: string[] = []
  const inSpan = (name: string, work: () => Promise<unknown>) =>
    tracer.startActiveSpan(name, (span) => {
      const { traceId, spanId } = span.spanContext()
      ids.push(`00-${traceId}-${spanId}-01`)
      const baggage = propagation.createBaggage({ secret: { value: 'x' } })
      return context.with(propagation.setBaggage(context.active(), baggage), work)
    })
  // Calls of one span in one tick are batched; calls of other spans are not.
  await Promise.all([
    inSpan('one', () => Promise.all([mgx.users.me(), mgx.system.health()])),
    inSpan('other', () => mgx.users.me()),
    mgx.users.me(),
  ])
  expect(new Set(traceparents(seen))).toEqual(new Set([...ids, undefined]))
  expect(seen).toHaveLength(3)
  expect(seen.every(({ headers }) => headers.baggage === undefined)).toBe(true)
})

test('the caller’s traceparent is kept', async () => {
  const mine = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await trace.getTracer('test').startActiveSpan('span', async () => {
    const perClient = await network({ headers: { Traceparent: mine } })
    await perClient.mgx.users.me()
    const perCall = await network()
    await perCall.mgx.users.me({ headers: { traceparent: mine } })
    expect(traceparents([...perClient.seen, ...perCall.seen])).toEqual([mine, mine])
  })
})

test('with an instrumented fetch, only the instrumentation’s traceparent is sent', async () => {
  const theirs = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'
  const instrumentation = (message: unknown) => {
    const { request } = message as { request: { addHeader(name: string, value: string): void } }
    request.addHeader('traceparent', theirs)
  }
  subscribe('undici:request:create', instrumentation)
  try {
    const { mgx, seen } = await network()
    await trace.getTracer('test').startActiveSpan('span', () => mgx.users.me())
    expect(traceparents(seen)).toEqual([theirs])
  } finally {
    unsubscribe('undici:request:create', instrumentation)
  }
})
