import { type Logger, pino, stdTimeFunctions } from 'pino'
import type { LogLevel } from './config.js'

/** Structured logs on stdout, a JSON object a line. */
export function createLog(level: LogLevel | 'silent'): Logger {
  return pino({
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  })
}

/** Only these fields: drivers hang rows and statements with their values on their errors. */
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
