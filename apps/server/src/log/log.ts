import { trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import { build as pretty } from 'pino-pretty'
import manifest from '../../package.json' with { type: 'json' }
import type { LogFormat, LogLevel } from '../config.js'
import { describeError } from './describe-error.js'
import { createEcsLog } from './ecs.js'

type LogOptions = {
  level: LogLevel | 'silent'
  /** Undefined: pretty on a terminal, JSON elsewhere. */
  format?: LogFormat | undefined
  /** Defaults to stdout. */
  stream?: DestinationStream
}

/** Creates the log: one JSON object per line, in our own fields or in those of Elastic's schema, or readable text. */
export function createLog({
  level,
  format = process.stdout.isTTY ? 'pretty' : 'json',
  stream = pino.destination({ fd: 1, sync: true }),
}: LogOptions): Logger {
  const general: LoggerOptions = { level, mixin: activeTrace }
  if (format === 'ecs') return createEcsLog(general, { version: manifest.version, stream })
  const options: LoggerOptions = {
    ...general,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  }
  if (format === 'json') return pino(options, stream)
  const text = pretty({
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    sync: true,
    ...(stream && { destination: stream }),
  })
  return pino(options, text)
}

/** Logs the server's URL for programs to read; the line is written at every log level. */
export function logAddress(log: Logger, url: string, metricsUrl: string | undefined): void {
  log.child({}, { level: 'info' }).info({ url, metricsUrl }, 'listening')
}

/** Names the trace of lines that are written within a span, such as that of an internal error. */
function activeTrace(): object {
  const traceId = trace.getActiveSpan()?.spanContext().traceId
  return traceId === undefined ? {} : { traceId }
}
