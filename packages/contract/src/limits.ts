/** Bytes of a request's body. */
export const MAX_BODY_BYTES = 1024 * 1024

/** Calls that travel in one request. */
export const MAX_BATCH_CALLS = 50
