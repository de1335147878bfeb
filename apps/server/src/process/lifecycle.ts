/** The stages of a process, from its start to its end. */
export type Phase =
  /** It has its port, and opens and prepares its database. */
  | 'starting'
  /** It waits for somebody to migrate the database. */
  | 'unmigrated'
  | 'serving'
  /** It finishes what is under way and takes nothing new. */
  | 'draining'

/** The phase a process is in, shared by all that depends on it. */
export type Lifecycle = { phase: Phase }

/** What a process that does not serve yet, or no longer, tells its callers. */
export const notServing: Record<Exclude<Phase, 'serving'>, string> = {
  starting: 'the server is starting',
  unmigrated: 'the server is not ready: its database has to be migrated first',
  draining: 'the server is shutting down',
}
