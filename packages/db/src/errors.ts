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

/** Whether a group failed because the database refused one of its rows, so that the others may pass alone. */
export function isRefusedRow(db: Knex, error: unknown): boolean {
  return error instanceof Error && dialectOf(db).isRefusedRow(driverErrorOf(error))
}

/** Whether a database cannot be read for what is in it. */
export function isDamage(db: Knex, error: unknown): boolean {
  return error instanceof Error && dialectOf(db).isDamage(driverErrorOf(error))
}

/** The refusal a driver error stands for; undefined when it is nobody's fault but ours. */
export function domainErrorOf(db: Knex, error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error
  if (!(error instanceof Error)) return undefined
  const driverError = driverErrorOf(error)
  if (driverError.name === 'KnexTimeoutError' || dialectOf(db).isUnavailable(driverError)) {
    return new DomainError('unavailable', 'the database cannot serve this now', undefined, { cause: error })
  }
  return undefined
}

/** For the stores: rejects with `conflict` what a unique key refused, and with the same error everything else. */
export function rejectTaken(error: unknown): never {
  if (!(error instanceof UniqueViolationError)) throw error
  const column = error.columns?.at(-1) ?? ''
  const field = fieldOfColumn[column.replace(/^.*\./, '')] ?? column
  throw new DomainError('conflict', `${field} is already taken`, { field })
}

/** What the driver says, without the statement that Knex puts before it. */
export function driverMessage(error: unknown): string {
  if (error instanceof DomainError) return error.message
  // Node's connection errors to a name with several addresses come as an AggregateError with an empty message.
  if (error instanceof AggregateError) return error.errors.map(driverMessage).join('; ')
  return error instanceof Error ? error.message.replace(/^.* - /s, '') : String(error)
}

/** What the driver threw, taken out of what Objection makes of it. */
function driverErrorOf(error: Error): DriverError {
  return 'nativeError' in error ? (error.nativeError as DriverError) : error
}
