import type { IncomingMessage } from 'node:http'
import { type Context, credentialName } from '@mgx/api'
import type { Reason } from '@mgx/contract'
import type { Logger } from 'pino'
import { isInSample } from './sample.js'

/** How a request was answered. */
export type Answered = {
  readonly requestId: string
  readonly status: number
  readonly milliseconds: number
  readonly address: string
  /** Undefined when no procedure was to be called. */
  readonly context: Pick<Context, 'calls' | 'trace' | 'knownActor'> | undefined
  /** Why the request was refused before it reached a procedure. */
  readonly refusal: Reason | undefined
}

export type LoggedCall = { readonly procedure: string; readonly reason?: Reason; readonly milliseconds: number }

/** Logs one line for an answered request. */
export type AccessLog = (request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, answered: Answered) => void

const PROBES = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * Creates the log of requests. Query string, body and headers are left out because they may be secret, except for the
 * client's name. Probes are logged at the level debug. `share` of the requests that succeed are logged, and all that fail.
 */
export function accessLog(log: Logger, share: number): AccessLog {
  return ({ method, url = '', headers }, { requestId, status, milliseconds, address, context, refusal }) => {
    const calls = context?.calls ?? []
    const traceId = context?.trace.id
    const isFailed = status >= 400 || refusal !== undefined || calls.some(({ reason }) => reason !== undefined)
    if (!isFailed && !isInSample(traceId ?? requestId, share)) return
    const search = url.indexOf('?')
    const path = search === -1 ? url : url.slice(0, search)
    const caller = context?.knownActor()
    log[PROBES.has(path) ? 'debug' : 'info'](
      {
        requestId,
        traceId,
        method,
        path,
        status,
        outcome: isFailed ? 'failure' : 'success',
        milliseconds: rounded(milliseconds),
        address,
        actor: caller && `user:${caller.userId}`,
        credential: caller && credentialName(caller.credential),
        ...callFields(calls, refusal),
        client: clientIn(headers),
      },
      'request',
    )
  }
}

function callFields(calls: Context['calls'], refusal: Reason | undefined): object {
  const [only, ...others] = calls
  if (!only) return { reason: refusal }
  if (others.length === 0) return { procedure: only.path, reason: refusal ?? only.reason }
  const logged = calls.map(({ path, reason, milliseconds }): LoggedCall => {
    return { procedure: path, ...(reason !== undefined && { reason }), milliseconds: rounded(milliseconds) }
  })
  return { calls: logged, reason: refusal }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}

/**
 * Returns the `<version>/<contract hash>` that our clients send, which shows the contracts still in use. Undefined when it
 * is not safe in a log.
 */
function clientIn({ 'x-mgx-client': client }: IncomingMessage['headers']): string | undefined {
  return typeof client === 'string' && /^[ -~]{1,100}$/.test(client) ? client : undefined
}
