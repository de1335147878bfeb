import { type Logger, pino, stdTimeFunctions } from 'pino'
import { build as pretty } from 'pino-pretty'
import type { LogFormat, LogLevel } from '../config.js'

/** Creates the log on stdout: one JSON object per line, or readable text, which is the default on a terminal. */
export function createLog(level: LogLevel | 'silent', format?: LogFormat): Logger {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  }
  const isPretty = format ? format === 'pretty' : process.stdout.isTTY
  if (!isPretty) return pino(options)
  return pino(options, pretty({ singleLine: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', sync: true }))
}

/** Logs the server's URL for programs to read; the line is written at every log level. */
export function logAddress(log: Logger, url: string): void {
  log.child({}, { level: 'info' }).info({ url }, 'listening')
}

/** Returns only these fields, because drivers attach rows and statements with their values to errors. */
function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  return {
    type: name,
    message,
    ...('code' in error && { code: error.code }),
    stack,
    ...(cause !== undefined && depth < 5 && { cause: describeError(cause, depth + 1) }),
  }
}
