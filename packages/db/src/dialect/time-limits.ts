/**
 * How long the database may take, in milliseconds. They fit into the eight seconds after which the API answers a call as
 * unavailable, so that the database does not go on for long with what nobody waits for.
 */

/** For a lock. A call waits for the group of calls before it and then in its own: both fit, even if each meets the lock. */
export const LOCK_MILLISECONDS = 3_000

/** For a statement, its locks included; and between two statements of a transaction, for a process that stands still. */
export const STATEMENT_MILLISECONDS = 7_000

/** For the answer to a statement. The server ends a statement before; this is for one that does not answer at all. */
export const ANSWER_MILLISECONDS = 7_500

/** For a new connection, the handshake included. */
export const CONNECT_MILLISECONDS = 4_000

/** For a place in the pool, so that there is time left to use it. */
export const ACQUIRE_MILLISECONDS = 4_000
