import type { Faults } from './books.js'
import type { BenchDatabase } from './databases.js'

/** How long to measure: seconds a measurement, rounds after the one that warms up, records in the large project. */
export type Effort = { seconds: number; rounds: number; manyRecords: number }

/** One line of the table: what was measured beside its limit or peer, and what their ratio has to be. */
export type Figure = {
  database: BenchDatabase['name']
  work: string
  measured: string
  beside: string
  ratio: number
  least: number
  goal: number
  /** Whether the ratio shall be small. */
  isCeiling: boolean
  faults: Faults
}

export type MeasureFigures = (database: BenchDatabase, effort: Effort) => Promise<Figure[]>

/** Whether a ratio is at the goal, between goal and least, or missed both. */
export function verdict({ ratio, least, goal, isCeiling }: Figure): 'goal' | 'least' | 'missed' {
  const reaches = (mark: number) => (isCeiling ? ratio <= mark : ratio >= mark)
  if (reaches(goal)) return 'goal'
  return reaches(least) ? 'least' : 'missed'
}
