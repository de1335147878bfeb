import type { Knex } from 'knex'

/** What is done alone among all processes that migrate, on connections that nothing cuts short. */
export type MigrationWork<Result> = (migrating: Knex, keepServersOut: KeepServersOut) => Promise<Result>

/**
 * Keeps servers from serving this database until the work ends; false when one does, and goes on to. A server that is
 * just ending is waited for.
 */
export type KeepServersOut = () => Promise<boolean>

/** Ends what was begun; resolves when others can see it. */
export type Release = () => Promise<void>

/** How long a server that ends is waited for. */
export const ENDING_MILLISECONDS = 2_000
