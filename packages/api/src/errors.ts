import {
  DomainError,
  type ErrorDetails,
  type InvalidField,
  type MissingDetails,
  type Reason,
  reasons,
} from '@mgx/contract'
import { domainErrorOf } from '@mgx/db'
import { TRPCError } from '@trpc/server'
import { type TRPC_ERROR_CODE_KEY, type TRPC_ERROR_CODE_NUMBER, TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { Knex } from 'knex'
import { ZodError, type z } from 'zod'
import type { Services } from './context.js'

/** What every failed call carries beside its message. */
export type ErrorData = {
  code: TRPC_ERROR_CODE_KEY
  httpStatus: number
  path: string | null
  reason: Reason
  requestId: string | null
  details?: ErrorDetails
}

/** A failed call on the wire: tRPC's form with our `data`. */
export type ErrorShape = { message: string; code: TRPC_ERROR_CODE_NUMBER; data: ErrorData }

/** What a caller is told of a failure that is ours; the log has the rest under the request id. */
export const INTERNAL_MESSAGE = 'internal error: the request id names it in the log'

/** A caller chooses the names of its fields; it need not hear all of them back. */
const MAX_PATH_LENGTH = 200

/** The reasons of what tRPC itself refuses, before a procedure runs. */
const reasonOfCode: Partial<Record<TRPC_ERROR_CODE_KEY, Reason>> = {
  PARSE_ERROR: 'invalid_input',
  BAD_REQUEST: 'invalid_input',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
}

/** The tRPC error, with the status of its reason, for anything a procedure threw. */
export function toTrpcError(db: Knex, error: TRPCError): TRPCError {
  const refusal = invalidInput(error) ?? domainErrorOf(db, error.cause)
  if (!refusal && error.code !== 'INTERNAL_SERVER_ERROR') return error
  if (!refusal) return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: INTERNAL_MESSAGE, cause: error })
  return new TRPCError({ code: reasons[refusal.reason].code, message: refusal.message, cause: refusal })
}

/** Turns input that did not parse into `invalid_input`, with the fields. An output that did not parse is our failure. */
function invalidInput(error: TRPCError): DomainError | undefined {
  if (error.code !== 'BAD_REQUEST' || !(error.cause instanceof ZodError)) return undefined
  const fields = error.cause.issues.flatMap((issue) => fieldsOf(issue))
  const message = fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  return new DomainError('invalid_input', message.slice(0, 1_000), { fields: fields.slice(0, 100) })
}

/** The fields of an issue. Of the forms an input may have, the one it comes nearest to is the one that was meant. */
function fieldsOf(issue: z.core.$ZodIssue, parent: PropertyKey[] = []): InvalidField[] {
  const path = [...parent, ...issue.path]
  const at = (...keys: PropertyKey[]) => [...path, ...keys].map(String).join('.').slice(0, MAX_PATH_LENGTH)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: at(key), message: 'unknown field' }))
  const [nearest] = issue.code === 'invalid_union' ? [...issue.errors].sort((a, b) => weight(a) - weight(b)) : []
  if (nearest?.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys')) {
    return nearest.flatMap((inner) => fieldsOf(inner, path))
  }
  return [{ path: at(), message: issue.message }]
}

function weight(issues: z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

/** The requests of errors that came before there was a context to name them. */
const requestIds = new WeakMap<TRPCError, string>()

/** Says which request an error belongs to, before it is formatted. */
export function nameRequest(error: TRPCError, requestId: string): void {
  requestIds.set(error, requestId)
}

/** Logs a failure of ours outside of the procedures. Their own are logged where they happen, and arrive here wrapped. */
export function logAroundProcedures(services: Services, requestId: string, error: TRPCError): void {
  const isLogged = error.cause instanceof TRPCError
  if (error.code === 'INTERNAL_SERVER_ERROR' && !isLogged) services.logInternal(error, requestId)
}

/** tRPC's error formatter: the closed list on the wire, whatever went wrong. */
export function formatError(failure: {
  error: TRPCError
  path: string | undefined
  requestId: string | undefined
}): ErrorShape {
  const { error, path = null, requestId = requestIds.get(error) ?? null } = failure
  if (error.cause instanceof DomainError) {
    const { reason, message, details } = error.cause
    return errorShape(reason, message, { path, requestId, details })
  }
  const reason = reasonOfCode[error.code] ?? 'internal'
  // A row that is not there is a DomainError: what tRPC itself does not find are procedures.
  const details: MissingDetails | undefined = reason === 'not_found' ? { missing: 'procedure' } : undefined
  return errorShape(reason, reason === 'internal' ? INTERNAL_MESSAGE : error.message, { path, requestId, details })
}

/** The body for a request that fails before it reaches tRPC, in tRPC's own form. */
export function errorEnvelope(
  reason: Reason,
  message: string,
  where: { requestId: string; path?: string; details?: ErrorDetails },
) {
  return { error: errorShape(reason, message, { ...where, path: where.path ?? null }) }
}

function errorShape(
  reason: Reason,
  message: string,
  { path, requestId, details }: { path: string | null; requestId: string | null; details?: ErrorDetails | undefined },
): ErrorShape {
  const { code, httpStatus } = reasons[reason]
  return {
    message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus, path, reason, requestId, ...(details && { details }) },
  }
}
