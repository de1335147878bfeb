/**
 * Time limits for the database, in milliseconds. They fit into the eight seconds after which the API rejects a call as
 * unavailable, so that the database does not keep working on abandoned calls.
 */

/** For a lock. A call waits for the group before its own and then for its own; two such waits fit into the deadline. */
export const LOCK_MILLISECONDS = 3_000

/** For a statement including its locks, and for the idle time between two statements of a transaction. */
export const STATEMENT_MILLISECONDS = 7_000

/** For the response to a statement. Longer than the server's own limit, for a server that does not respond at all. */
export const ANSWER_MILLISECONDS = 7_500

/** For a new connection, including the handshake. */
export const CONNECT_MILLISECONDS = 4_000

/** For a connection from the pool, so that there is time left to use it. */
export const ACQUIRE_MILLISECONDS = 4_000
