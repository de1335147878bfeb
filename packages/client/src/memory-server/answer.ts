import { DomainError, type ErrorDetails, type Reason, reasons } from '@mgx/contract'

/** What one call is answered: its status, and its body in tRPC's form. */
export type Answer = { readonly status: number; readonly body: object }

/** A call that this server does not do. */
export class NotInMemoryError extends Error {
  override readonly name = 'NotInMemoryError'
}

export const answerOf = (data: unknown): Answer => ({ status: 200, body: { result: { data } } })

/** The answer to a call that failed. @throws whatever is nobody's refusal: it is a flaw of this server. */
export function failureOf(error: unknown, path: string | null, requestId: string): Answer {
  if (error instanceof DomainError) {
    const { reason, message, details } = error
    return refusal({ ...reasons[reason], reason, message, details, path, requestId })
  }
  if (!(error instanceof NotInMemoryError)) throw error
  const { message } = error
  return refusal({ code: 'NOT_IMPLEMENTED', httpStatus: 501, reason: 'not_in_memory', message, path, requestId })
}

type Refusal = {
  code: string
  httpStatus: number
  reason: Reason | 'not_in_memory'
  message: string
  details?: ErrorDetails | undefined
  path: string | null
  requestId: string
}

function refusal({ message, details, ...data }: Refusal): Answer {
  return {
    status: data.httpStatus,
    body: { error: { message, code: -32000, data: { ...data, ...(details && { details }) } } },
  }
}
