import { isIP } from 'node:net'
import { ecsFormat } from '@elastic/ecs-pino-format'
import { type Bindings, type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import type { LoggedCall } from './access-line.js'
import { type DescribedError, describeError } from './describe-error.js'

type Field = [name: string, value: unknown]

/** The fields of the Elastic Common Schema (ECS) that our fields become; all others become labels. */
const ecsNames: Readonly<Record<string, string>> = {
  requestId: 'http.request.id',
  traceId: 'trace.id',
  method: 'http.request.method',
  path: 'url.path',
  status: 'http.response.status_code',
  url: 'url.full',
}

/** What every line of a request is. */
const ACCESS: readonly Field[] = [
  ['event.kind', 'event'],
  ['event.category', ['web']],
  ['event.type', ['access']],
]

/** Creates a log whose lines have fields of ECS and labels, with dots in their names, and no others. */
export function createEcsLog(
  options: LoggerOptions,
  { version, stream }: { version: string; stream: DestinationStream },
): Logger {
  const { formatters, ...format } = ecsFormat({
    serviceName: 'mgx-server',
    serviceVersion: version,
    // We convert errors and requests ourselves: the package logs the query and the headers, some of which are secret.
    convertErr: false,
    convertReqRes: false,
    apmIntegration: false,
  })
  const log = pino({ ...options, ...format, formatters: { ...formatters, log: ecsFieldsOf } }, stream)
  const { child } = log
  // Pino does not format the bindings of children, such as those that Fastify creates for each request.
  log.child = function (this: Logger, bindings: Bindings, ...rest: never[]) {
    return child.call(this, ecsFieldsOf(bindings), ...rest)
  } as Logger['child']
  return log
}

function ecsFieldsOf(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : ecsFieldOf(name, value))),
  )
}

function ecsFieldOf(name: string, value: unknown): Field[] {
  if (name in ecsNames) return [[ecsNames[name] as string, value]]
  if (name === 'err') return errorFields(describeError(value))
  if (name === 'milliseconds') return [['event.duration', Math.round(Number(value) * 1e6)]]
  if (name === 'outcome') return [['event.outcome', value], ...ACCESS]
  if (name === 'actor') return [['user.id', String(value).replace('user:', '')]]
  // An address with a zone is not an `ip` of Elasticsearch.
  if (name === 'address')
    return [[/%/.test(String(value)) || !isIP(String(value)) ? 'client.address' : 'client.ip', value]]
  if (name === 'calls') return callFields(value as readonly LoggedCall[])
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return [[`labels.${name}`, value]]
  // Objects are left out, because they may be requests with their headers.
  return typeof value === 'object' ? [] : [[`labels.${name}`, String(value)]]
}

/** Labels have no objects, so a batch has its procedures and the reasons of its failed calls in lists. */
function callFields(calls: readonly LoggedCall[]): Field[] {
  const reasons = calls.flatMap(({ reason }) => reason ?? [])
  return [
    ['labels.procedure', calls.map(({ procedure }) => procedure)],
    ...(reasons.length > 0 ? [['labels.reason', reasons] as Field] : []),
  ]
}

function errorFields({ type, message, code, stack, cause }: DescribedError): Field[] {
  const causes: string[] = []
  for (let each = cause; each; each = each.cause) causes.push(`Caused by: ${each.stack ?? each.message}`)
  return [
    ['error.type', type],
    ['error.message', message],
    ...(code === undefined ? [] : [['error.code', String(code)] as Field]),
    ['error.stack_trace', [stack ?? message, ...causes].join('\n')],
  ]
}
