import { type BudgetAtRisk, formatUsd, type NanoUsd, type Overview, type PeriodSpend } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, readClock } from '../dialect/dialect.js'
import { toBudget } from '../ledger/core/answer.js'
import type { Standing } from '../ledger/core/books.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { dueAmount } from '../stores/due-holds.js'
import { countProjects } from '../stores/projects.js'
import { lastVerification } from './books.js'
import { daysAfter, type Summed, sumOf } from './days.js'

/** Returns what the caller may see of everything at a glance, today being a UTC day of the database's clock. */
export async function overview(db: Knex, scope: Scope): Promise<Overview> {
  const today = (await readClock(db)).slice(0, 'YYYY-MM-DD'.length)
  const days = await spendByDay(db, scope, today)
  return {
    spend: {
      today: periodSpend(days, today, 1),
      last7Days: periodSpend(days, today, 7),
      last30Days: periodSpend(days, today, 30),
    },
    projects: await countProjects(db, scope, {}),
    budgetsAtRisk: await budgetsAtRisk(db, scope),
    verification: scope === EVERYTHING ? await lastVerification(db) : null,
  }
}

/** The days of the longest period and of the one before. */
const DAYS_READ = 60

type Day = Summed & { readonly day: string }

/** Reads the rollups of these days only, from an index by day. */
function spendByDay(db: Knex, scope: Scope, today: string): Promise<Day[]> {
  const rollups = narrow(db('cost_rollups'), scope, { userId: 'userId', projectId: 'projectId' })
  return rollups
    .select('day', db.raw(`SUM(records) AS records, ${dialectOf(db).exactSum('total_cost')} AS cost`))
    .where('day', '>', daysAfter(today, -DAYS_READ))
    .where('day', '<=', today)
    .groupBy('day')
}

function periodSpend(days: readonly Day[], today: string, length: number): PeriodSpend {
  const to = daysAfter(today, 1)
  const from = daysAfter(to, -length)
  return { from, to, ...spentWithin(days, from, to), before: spentWithin(days, daysAfter(from, -length), from) }
}

function spentWithin(days: readonly Day[], from: string, to: string): PeriodSpend['before'] {
  const { records, cost } = sumOf(days.filter(({ day }) => day >= from && day < to))
  return { totalCost: formatUsd(cost), records }
}

/** The most budgets that are listed, and the most running projects that are looked at to find them. */
const MOST_LISTED = 20
const MOST_LOOKED_AT = 1_000
const PERCENT_AT_RISK = 80n

type Row = { id: number; name: string; userId: number } & Record<'investment' | 'totalCost' | 'reserved', number>

async function budgetsAtRisk(db: Knex, scope: Scope): Promise<BudgetAtRisk[]> {
  const running = narrow(db('projects').where({ status: 'running' }), scope, { userId: 'userId', projectId: 'id' })
  const rows: Row[] = await running
    .select('id', 'name', 'userId', 'investment', 'totalCost')
    .select(db.raw(`reserved - ${dueAmount(db, 'project_id', 'projects.id')} AS reserved`))
    .orderBy('id', 'desc')
    .limit(MOST_LOOKED_AT)
  return rows
    .map((row) => ({ row, standing: standingOf(row) }))
    .filter(({ standing }) => usedOf(standing) * 100n >= standing.limit * PERCENT_AT_RISK)
    .sort((a, b) => byShare(a.standing, b.standing))
    .slice(0, MOST_LISTED)
    .map(({ row: { id, name, userId }, standing }) => ({ ...toBudget(id, standing), name, userId }))
}

function standingOf({ investment, totalCost, reserved }: Row): Standing {
  return { limit: BigInt(investment), spent: BigInt(totalCost), reserved: BigInt(reserved) }
}

function usedOf({ spent, reserved }: Standing): NanoUsd {
  return spent + reserved
}

/** Orders standings by the share of the limit that is used, the largest first, without dividing by a limit of zero. */
function byShare(one: Standing, other: Standing): number {
  return Number(usedOf(other) * one.limit - usedOf(one) * other.limit)
}
