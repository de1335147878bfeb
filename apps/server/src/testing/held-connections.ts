import type { Knex } from 'knex'

type Pool = {
  max: number
  acquireTimeoutMillis: number
  acquire(): { promise: Promise<unknown> }
  release(connection: unknown): void
}

/**
 * Takes every connection of a process to its database, so that its queries wait for one in vain, for at most
 * `acquireMilliseconds`. Returns a function that releases them.
 */
export async function holdConnections({ client }: Knex, acquireMilliseconds?: number): Promise<() => void> {
  // SQLite has a second connection for reads.
  const pools: Pool[] = [client.pool, client.reading?.pool.pool].filter(Boolean)
  const releases = await Promise.all(pools.map((pool) => hold(pool, acquireMilliseconds)))
  return () => {
    for (const release of releases) release()
  }
}

async function hold(pool: Pool, acquireMilliseconds = pool.acquireTimeoutMillis): Promise<() => void> {
  const connections = await Promise.all(Array.from({ length: pool.max }, () => pool.acquire().promise))
  const usual = pool.acquireTimeoutMillis
  pool.acquireTimeoutMillis = acquireMilliseconds
  return () => {
    pool.acquireTimeoutMillis = usual
    for (const connection of connections) pool.release(connection)
  }
}
