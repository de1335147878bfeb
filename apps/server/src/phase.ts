/**
 * Where the server is in its life. `starting`: up, but the database is not ready for it. `draining`: it was told to end
 * and finishes what it has.
 */
export type Phase = 'starting' | 'serving' | 'draining'

/** Shared by the parts that change the phase and those that answer by it. */
export type Life = { phase: Phase }
