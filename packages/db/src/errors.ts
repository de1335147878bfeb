import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { UniqueViolationError } from 'objection'
import { type DriverError, dialectOf } from './dialect/dialect.js'

/** What a caller calls the columns behind unique keys. */
const fieldOfColumn: Record<string, string> = {
  username_key: 'username',
  email_key: 'email',
  lookup: 'apiKey',
}

/** The refusal a driver error stands for; undefined when it is nobody's fault but ours. */
export function domainErrorOf(db: Knex, error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error
  if (!(error instanceof Error)) return undefined
  if (error instanceof UniqueViolationError) {
    const column = error.columns?.at(-1) ?? ''
    const field = fieldOfColumn[column.replace(/^.*\./, '')] ?? column
    return new DomainError('conflict', `${field} is already taken`, { field })
  }
  const driverError: DriverError = 'nativeError' in error ? (error.nativeError as DriverError) : error
  if (driverError.name === 'KnexTimeoutError' || dialectOf(db).isUnavailable(driverError)) {
    return new DomainError('unavailable', 'the database cannot serve this now', undefined, { cause: error })
  }
  return undefined
}
