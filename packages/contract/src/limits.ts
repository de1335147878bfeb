/** The largest request body, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024

/** The most calls in one batch request. */
export const MAX_BATCH_CALLS = 50

/** The most characters in an idempotency key. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 255

/** The most characters in a project's error. */
export const MAX_PROJECT_ERROR_LENGTH = 10_000

/** The most levels of objects and lists in the JSON of a request. Metadata may have 32, within a record within a batch. */
export const MAX_JSON_DEPTH = 64

/** The most keys in the JSON of a request: more than any cost records that fit in a body. */
export const MAX_JSON_KEYS = 65_536

/** The most rows that a search looks through at once, because no index finds a text within another. */
export const MAX_SEARCHED_ROWS = 10_000

/** The most projects of one status that are counted. */
export const MAX_COUNTED_PROJECTS = 100_000

/** The most cost records that a timeline reads; it takes earlier ones from their days. */
export const MAX_TIMELINE_RECORDS = 20_000
