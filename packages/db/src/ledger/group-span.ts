import { context, ROOT_CONTEXT, type SpanContext, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Knex } from 'knex'
import { domainErrorOf } from '../errors.js'
import { registeredTracer } from '../tracer.js'

type Group = {
  readonly operations: readonly unknown[]
  readonly calls: readonly { readonly span?: SpanContext | undefined }[]
}

/**
 * Returns a function that runs the commit of a group within the span `ledger.commit`. The span belongs to no call, because
 * the group has many: it begins a trace of its own and links to the span of each call.
 */
export function groupSpans(db: Knex): <Result>(group: Group, commit: () => Promise<Result>) => Promise<Result> {
  const tracer = registeredTracer()
  if (!tracer) return (_group, commit) => commit()
  return async ({ operations, calls }, commit) => {
    const links = calls.flatMap(({ span }) => (span ? [{ context: span }] : []))
    const attributes = { 'mgx.group.calls': calls.length, 'mgx.group.operations': operations.length }
    const span = tracer.startSpan('ledger.commit', { links, attributes }, ROOT_CONTEXT)
    try {
      return await context.with(trace.setSpan(ROOT_CONTEXT, span), commit)
    } catch (error) {
      // Only the reason, because the messages of drivers contain statements and values.
      span.setAttribute('error.type', domainErrorOf(db, error)?.reason ?? 'internal')
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }
}
