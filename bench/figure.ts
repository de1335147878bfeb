import type { Faults } from './books.js'
import type { BenchDatabase } from './databases.js'

/** How much to measure: seconds per measurement, rounds after the warm-up, records in the large project. */
export type Effort = { seconds: number; rounds: number; manyRecords: number }

/** A line of the table: a measurement next to its limit or peer, and the bounds for their ratio. */
export type Figure = {
  database: BenchDatabase['name']
  work: string
  measured: string
  beside: string
  ratio: number
  least: number
  goal: number
  /** Whether a smaller ratio is better. */
  isCeiling: boolean
  /** Absent where no books are kept. */
  faults?: Faults
}

export type MeasureFigures = (database: BenchDatabase, effort: Effort) => Promise<Figure[]>

/** Returns whether a ratio reaches the goal, only the least, or neither. */
export function verdict({ ratio, least, goal, isCeiling }: Figure): 'goal' | 'least' | 'missed' {
  const reaches = (mark: number) => (isCeiling ? ratio <= mark : ratio >= mark)
  if (reaches(goal)) return 'goal'
  return reaches(least) ? 'least' : 'missed'
}
