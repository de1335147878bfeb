import type { Services } from '@mgx/api'
import { dialectOf, domainErrorOf, type Gauges, MOST_COUNTED, readGauges } from '@mgx/db'
import { Gauge, type Registry } from 'prom-client'
import { inTime } from '../health/in-time.js'
import type { LedgerMetrics } from './ledger-metrics.js'

/** How long a scrape waits for the database. */
const READ_MILLISECONDS = 1_000

/**
 * Adds the metrics about the state of the ledger and its database to a registry. Returns a function that brings them up to
 * date. It never rejects and takes at most a second: metrics that a database that does not answer would tell are left out
 * then, except for the last verification, which stays. Concurrent scrapes share a read.
 */
export function createDatabaseMetrics(
  registry: Registry,
  { ended }: Pick<LedgerMetrics, 'ended'>,
): (services: Services) => Promise<void> {
  const gauge = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const holds = gauge(
    'mgx_reservations',
    `Reservations by status: held are open in the database now (counted up to ${MOST_COUNTED}), the others ended in this process since its start.`,
    'status',
  )
  const reserved = gauge('mgx_reserved_usd', 'Amount of all open reservations in the database, in USD.')
  const waiting = gauge('mgx_commit_waiting', 'Operations of the ledger that wait for the next group.')
  const pool = gauge(
    'mgx_db_pool',
    'Connections to the database that are used and idle, and pending: calls that wait for one.',
    'state',
  )
  const drifts = gauge(
    'mgx_ledger_drifts',
    'Differences found when any server last verified the ledger, counted up to 100.',
  )
  const verifiedAt = gauge(
    'mgx_ledger_verified_timestamp_seconds',
    'When any server last verified the ledger, in Unix seconds; 0 before the first time.',
  )
  const size = gauge('mgx_db_size_bytes', 'Size of the database.')
  const log = gauge('mgx_db_wal_bytes', 'Size of the write-ahead log beside a SQLite file. Not shown for PostgreSQL.')
  const oldest = gauge(
    'mgx_db_oldest_transaction_seconds',
    'How long the oldest open transaction of the database has been running. Not shown for SQLite.',
  )

  // prom-client shows gauges without labels as 0 before they are known.
  for (const each of [reserved, waiting, drifts, verifiedAt, size, log, oldest]) each.remove()

  let reading: Promise<Gauges | undefined> | undefined
  function read({ db, logInternal }: Services): Promise<Gauges | undefined> {
    reading ??= readGauges(db)
      .catch((error: unknown) => {
        // While the database does not answer, the calls say so.
        if (domainErrorOf(db, error)?.reason !== 'unavailable') logInternal(error, 'metrics')
        return undefined
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  return async (services) => {
    const gauges = await inTime(READ_MILLISECONDS, read(services), undefined)
    for (const [status, count] of Object.entries(ended)) holds.set({ status }, count)
    waiting.set(services.ledger.waiting())
    for (const [state, count] of Object.entries(dialectOf(services.db).connections(services.db)))
      pool.set({ state }, count)
    if (!gauges) {
      holds.remove({ status: 'held' })
      for (const each of [reserved, size, log, oldest]) each.remove()
      return
    }
    holds.set({ status: 'held' }, gauges.openHolds)
    reserved.set(Number(gauges.reserved) / 1e9)
    drifts.set(gauges.drifts)
    const { bytes, logBytes, oldestTransactionSeconds } = gauges.storage
    size.set(bytes)
    if (logBytes !== null) log.set(logBytes)
    if (oldestTransactionSeconds !== null) oldest.set(oldestTransactionSeconds)
    verifiedAt.set(gauges.verifiedAt === null ? 0 : Date.parse(gauges.verifiedAt) / 1_000)
  }
}
