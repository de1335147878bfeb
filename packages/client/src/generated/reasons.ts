// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

/** The reasons for which the server rejects a call, with the HTTP status of each. The list is closed. */
export const reasons = {
  invalid_input: 400,
  unknown_model: 400,
  unauthenticated: 401,
  budget_exceeded: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  invalid_transition: 409,
  reservation_closed: 409,
  session_closed: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const

/** Why the server rejected a call. */
export type Reason = keyof typeof reasons
