import type { Knex } from 'knex'

/** Work done under the migration lock, on a database handle without time limits. */
export type MigrationWork<Result> = (migrating: Knex, keepServersOut: KeepServersOut) => Promise<Result>

/**
 * Keeps servers from serving this database until the work ends. Returns false when a server keeps serving it; waits for
 * one that is shutting down.
 */
export type KeepServersOut = () => Promise<boolean>

/** Releases what is held; resolves when other processes can see that. */
export type Release = () => Promise<void>

/** How long to wait for a server that is shutting down. */
export const ENDING_MILLISECONDS = 2_000
