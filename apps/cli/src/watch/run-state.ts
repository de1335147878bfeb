import { type Budget, type CostRecord, type Project, type Reservation, usd } from '@mgx/client'

/**
 * What the live view shows of a run. `records` are the last ones and `holds` the last open ones, newest first; `offset` is
 * how far the server's clock is ahead.
 */
export type RunState = {
  project: Project
  budget: Budget
  records: readonly CostRecord[]
  holds: readonly Reservation[]
  offset: number
  /** Why the view may be old; undefined while the server answers. */
  trouble: string | undefined
}

/** As many as a large terminal has lines; those of the last minute are kept too, because their costs are shown. */
export const MOST_RECORDS = 200
const MINUTE = 60_000

/** Returns the state after one more record was committed. */
export function withRecord(state: RunState, record: CostRecord, budget: Budget): RunState {
  if (state.records.some(({ id }) => id === record.id)) return state
  const since = Date.parse(record.createdAt) - MINUTE
  const isKept = ({ createdAt }: CostRecord, index: number) => index < MOST_RECORDS || Date.parse(createdAt) >= since
  return { ...state, budget, records: [record, ...state.records].filter(isKept) }
}

/** Returns what the records of the last minute cost, by the clock of the server. */
export function costOfLastMinute({ records, offset }: RunState, now: number): string {
  const since = now + offset - MINUTE
  return usd.add(...records.filter(({ createdAt }) => Date.parse(createdAt) >= since).map(({ totalCost }) => totalCost))
}

/** Whether the run can spend nothing more, but for calls that were under way. */
export const hasEnded = ({ status }: Project): boolean => status === 'completed' || status === 'failed'
