import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { readState } from './database-state.js'
import { dialectOf } from './dialect/dialect.js'
import type { Release } from './dialect/migration-lock.js'

/**
 * Marks the database as served by this process, so that other processes do not migrate it. Returns the function that
 * removes the mark; it also disappears when the process dies.
 * @throws DomainError `unavailable` when the schema is not the one this code was written for.
 */
export async function startServing(db: Knex): Promise<Release> {
  const release = await dialectOf(db).holdServing(db)
  try {
    const { kind, problem = 'its schema does not match this version' } = await readState(db)
    if (kind === 'current') return release
    throw new DomainError('unavailable', problem)
  } catch (error) {
    await release()
    throw error
  }
}
