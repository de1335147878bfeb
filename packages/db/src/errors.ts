import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { UniqueViolationError } from 'objection'
import { type DriverError, dialectOf } from './dialect/dialect.js'

/** The callers' field names for columns with unique keys. */
const fieldOfColumn: Record<string, string> = {
  username_key: 'username',
  email_key: 'email',
  lookup: 'apiKey',
}

/** Whether a group failed because the database rejected one of its rows, so that the others may succeed alone. */
export function isRefusedRow(db: Knex, error: unknown): boolean {
  return error instanceof Error && dialectOf(db).isRefusedRow(driverErrorOf(error))
}

/** Whether an error means that the database is damaged, or not a database. */
export function isDamage(db: Knex, error: unknown): boolean {
  return error instanceof Error && dialectOf(db).isDamage(driverErrorOf(error))
}

/** Maps an error to a DomainError; returns undefined for errors that are bugs on our side. */
export function domainErrorOf(db: Knex, error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error
  if (!(error instanceof Error)) return undefined
  const driverError = driverErrorOf(error)
  if (driverError.name === 'KnexTimeoutError' || dialectOf(db).isUnavailable(driverError)) {
    return new DomainError('unavailable', 'the database cannot serve this now', undefined, { cause: error })
  }
  return undefined
}

/** Throws `conflict` for a unique constraint violation, and rethrows every other error. */
export function rejectTaken(error: unknown): never {
  if (!(error instanceof UniqueViolationError)) throw error
  const column = error.columns?.at(-1) ?? ''
  const field = fieldOfColumn[column.replace(/^.*\./, '')] ?? column
  throw new DomainError('conflict', `${field} is already taken`, { field })
}

/** Returns the driver's message without the statement that Knex puts before it. */
export function driverMessage(error: unknown): string {
  if (error instanceof DomainError) return error.message
  // When a host name has several addresses, Node reports connection errors as an AggregateError without a message.
  if (error instanceof AggregateError) return error.errors.map(driverMessage).join('; ')
  return error instanceof Error ? error.message.replace(/^.* - /s, '') : String(error)
}

/** Unwraps the driver's error from Objection's. */
function driverErrorOf(error: Error): DriverError {
  return 'nativeError' in error ? (error.nativeError as DriverError) : error
}
