/** Bytes of a request's body. */
export const MAX_BODY_BYTES = 1024 * 1024

/** Calls that travel in one request. */
export const MAX_BATCH_CALLS = 50

/** Characters of an idempotency key. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 255

/** Characters of a project's error. */
export const MAX_PROJECT_ERROR_LENGTH = 10_000
