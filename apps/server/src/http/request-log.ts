import type { FastifyBaseLogger } from 'fastify'

export type AnsweredRequest = {
  requestId: string
  method: string | undefined
  url: string | undefined
  status: number
  /** How long the answer took. */
  milliseconds: number
}

const probes = new Set(['/healthz', '/readyz', '/metrics'])

/** One line a request, without what may be secret: the query string, the headers, the body. Probes are for debugging. */
export function logRequest(
  log: FastifyBaseLogger,
  { requestId, method, url = '', status, milliseconds }: AnsweredRequest,
) {
  const search = url.indexOf('?')
  const path = search === -1 ? url : url.slice(0, search)
  const level = probes.has(path) ? 'debug' : 'info'
  const rounded = Math.round(milliseconds * 10) / 10
  log[level]({ requestId, method, path, status, milliseconds: rounded }, 'request')
}
