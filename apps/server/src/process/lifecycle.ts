/** The phases of a server process, in order. */
export type Phase =
  /** Has the port; opens and prepares the database. */
  | 'starting'
  /** Waits for another process to migrate the database. */
  | 'unmigrated'
  | 'serving'
  /** Was told to end: is not ready, but answers every request that it gets until it stops listening. */
  | 'draining'

/** The current phase, shared by everything that depends on it. */
export type Lifecycle = { phase: Phase }

/** The message that callers get in each phase in which calls are refused. */
export const notServing: Record<Exclude<Phase, 'serving'>, string> = {
  starting: 'the server is starting',
  unmigrated: 'the server is not ready: its database must be migrated first',
  draining: 'the server is shutting down',
}
