import { type CostTimeline, type CostTimelineInput, formatUsd, MAX_TIMELINE_RECORDS, type NanoUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Scope } from '../scope.js'
import { getProject } from '../stores/projects.js'
import { daysAfter, type Summed, sumOf } from './days.js'

/**
 * Records that follow each other: those of a UTC day, from the rollups, or a share of the newest ones, which have a
 * number in the order of their ids.
 */
type Row = Summed & {
  readonly day: string | null
  readonly share: number | null
  readonly firstAt: string | null
  readonly lastAt: string | null
}

/** Records that follow each other, and the instant at which they are all written. */
type Step = { readonly at: string; readonly records: number; readonly cost: NanoUsd }

/**
 * Returns what a project spent over time. However many cost records there are, it reads a bounded number of them, the
 * newest, and takes the earlier ones from the rollups of their days: both in one statement, so that they fit together.
 * @throws DomainError `not_found`.
 */
export async function costTimeline(
  db: Knex,
  scope: Scope,
  { projectId, points }: CostTimelineInput,
  mostRead = MAX_TIMELINE_RECORDS,
): Promise<CostTimeline> {
  const { id } = await getProject(db, scope, projectId)
  const rows: Row[] = await db.unionAll([ofDays(db, id), ofNewest(db, id, { mostRead, shares: points })])
  let total = 0n
  return {
    points: merged(stepsOf(rows), points).map(({ at, records, cost }) => {
      total += cost
      return { at, totalCost: formatUsd(total), records }
    }),
  }
}

function ofDays(db: Knex, projectId: number): Knex.QueryBuilder {
  const { exactSum } = dialectOf(db)
  return db('cost_rollups')
    .select('day', db.raw('NULL AS share, NULL AS first_at, NULL AS last_at'))
    .select(db.raw(`SUM(records) AS records, ${exactSum('total_cost')} AS cost`))
    .where({ projectId })
    .groupBy('day')
}

function ofNewest(
  db: Knex,
  projectId: number,
  { mostRead, shares }: { mostRead: number; shares: number },
): Knex.QueryBuilder {
  const newest = db('cost_records').select('id', 'createdAt', 'totalCost').where({ projectId })
  const shared = db
    .select('createdAt', 'totalCost', db.raw(`NTILE(${shares}) OVER (ORDER BY id) AS share`))
    .from(newest.orderBy('id', 'desc').limit(mostRead).as('newest'))
  return db
    .select(db.raw('NULL AS day'), 'share', db.raw('MIN(created_at) AS first_at, MAX(created_at) AS last_at'))
    .select(db.raw(`COUNT(*) AS records, ${dialectOf(db).exactSum('total_cost')} AS cost`))
    .from(shared.as('shared'))
    .groupBy('share')
}

function stepsOf(rows: readonly Row[]): Step[] {
  const newest = rows.filter(({ share }) => share !== null).sort((a, b) => Number(a.share) - Number(b.share))
  const [first] = newest
  if (!first) return []
  const days = rows.filter(({ day }) => day !== null).sort((a, b) => (String(a.day) < String(b.day) ? -1 : 1))
  return [
    ...earlierSteps(days, first.firstAt ?? '', sumOf(newest)),
    ...newest.map((row) => ({ at: row.lastAt ?? '', ...sumOf([row]) })),
  ]
}

/** Returns a step for each day that ended before the newest records, and one for the rest of the day when they began. */
function earlierSteps(days: readonly Row[], begin: string, newest: Omit<Step, 'at'>): Step[] {
  const all = sumOf(days)
  let [records, cost] = [all.records - newest.records, all.cost - newest.cost]
  const steps: Step[] = []
  for (const row of days) {
    const day = sumOf([row])
    if (day.records > records) break
    steps.push({ at: `${daysAfter(String(row.day), 1)}T00:00:00.000Z`, ...day })
    records -= day.records
    cost -= day.cost
  }
  return records > 0 ? [...steps, { at: begin, records, cost }] : steps
}

/** Merges neighbours, spread evenly, until there are at most so many steps. */
function merged(steps: readonly Step[], most: number): Step[] {
  if (steps.length <= most) return [...steps]
  const fewer: Step[] = []
  for (const [index, step] of steps.entries()) {
    const place = Math.floor(((index + 0.5) * most) / steps.length)
    const before = fewer[place]
    const { records, cost } = before ?? { records: 0, cost: 0n }
    fewer[place] = { at: step.at, records: records + step.records, cost: cost + step.cost }
  }
  return fewer
}
