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
import type { Context, Services } from './context.js'

/** The data that every failed call carries besides its message. */
export type ErrorData = {
  code: TRPC_ERROR_CODE_KEY
  httpStatus: number
  path: string | null
  reason: Reason
  requestId: string | null
  details?: ErrorDetails
}

/** A failed call on the wire: tRPC's error shape with our `data`. */
export type ErrorShape = { message: string; code: TRPC_ERROR_CODE_NUMBER; data: ErrorData }

/** The message callers get for an internal error; the log has the full error under the request id. */
export const INTERNAL_MESSAGE = 'internal error: the log has the details under the request id'

/** Limits how much of a caller's own field names is sent back. */
const MAX_PATH_LENGTH = 200

/** The reasons for errors that tRPC itself throws before a procedure runs. */
const reasonOfCode: Partial<Record<TRPC_ERROR_CODE_KEY, Reason>> = {
  PARSE_ERROR: 'invalid_input',
  BAD_REQUEST: 'invalid_input',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
}

/** Returns the reason of an error that `toTrpcError` returned or tRPC itself threw. */
export function reasonOf({ cause, code }: TRPCError): Reason {
  return cause instanceof DomainError ? cause.reason : (reasonOfCode[code] ?? 'internal')
}

/** Converts any error of a procedure to a tRPC error with the status of its reason. */
export function toTrpcError(db: Knex, error: TRPCError): TRPCError {
  const refusal = invalidInput(error) ?? domainErrorOf(db, error.cause)
  if (!refusal && error.code !== 'INTERNAL_SERVER_ERROR') return error
  if (!refusal) return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: INTERNAL_MESSAGE, cause: error })
  return new TRPCError({ code: reasons[refusal.reason].code, message: refusal.message, cause: refusal })
}

/** Converts invalid input to `invalid_input` with its fields. Invalid output is an internal error instead. */
function invalidInput(error: TRPCError): DomainError | undefined {
  if (error.code !== 'BAD_REQUEST' || !(error.cause instanceof ZodError)) return undefined
  const fields = error.cause.issues.flatMap((issue) => fieldsOf(issue))
  const message = fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  return new DomainError('invalid_input', message.slice(0, 1_000), { fields: fields.slice(0, 100) })
}

/** Returns the invalid fields of an issue; for a union, those of the option that the input comes closest to. */
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

const observed = new WeakSet<TRPCError>()

/** Says that the call which failed with this error is among those of its request. */
export function markAsObserved(error: TRPCError): void {
  observed.add(error)
}

/** Adds a failed call to those of its request, unless its procedure did: tRPC refuses some before any procedure begins. */
export function addIfRefused({ calls }: Context, path: string, error: TRPCError): void {
  if (!observed.has(error)) calls.push({ path, reason: reasonOf(error), milliseconds: 0 })
}

/** The request ids of errors thrown before a context existed. */
const requestIds = new WeakMap<TRPCError, string>()

/** Sets the request id that `formatError` gives an error. */
export function nameRequest(error: TRPCError, requestId: string): void {
  requestIds.set(error, requestId)
}

/** Logs an internal error from outside the procedures; procedures log their own, which arrive here wrapped. */
export function logAroundProcedures(services: Services, requestId: string, error: TRPCError): void {
  const isLogged = error.cause instanceof TRPCError
  if (error.code === 'INTERNAL_SERVER_ERROR' && !isLogged) services.logInternal(error, requestId)
}

/** tRPC's error formatter: gives every error a reason from the closed list. */
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
  const reason = reasonOf(error)
  // A missing row is a DomainError, so what tRPC itself does not find is a procedure.
  const details: MissingDetails | undefined = reason === 'not_found' ? { missing: 'procedure' } : undefined
  return errorShape(reason, reason === 'internal' ? INTERNAL_MESSAGE : error.message, { path, requestId, details })
}

/** Returns the body for a request that fails before it reaches tRPC, in tRPC's format. */
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
