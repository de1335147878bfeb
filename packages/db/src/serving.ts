import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { readState } from './database-state.js'
import { dialectOf } from './dialect/dialect.js'
import type { Release } from './dialect/migration-lock.js'

/**
 * Says that this process serves the database, so that nobody migrates it unasked. That ends with the process, or when
 * the answer is called.
 * @throws DomainError `unavailable` when the schema is not, or not any more, the one this code was written for.
 */
export async function startServing(db: Knex): Promise<Release> {
  const release = await dialectOf(db).holdServing(db)
  try {
    const { kind, problem = 'its schema is not the one of this version' } = await readState(db)
    if (kind === 'current') return release
    throw new DomainError('unavailable', problem)
  } catch (error) {
    await release()
    throw error
  }
}
