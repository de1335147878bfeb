import { type MgxClient, type Spend, usd } from '@mgx/client'

/** Yields the spending by day and model, page by page, of one project or of everything that the caller may see. */
export async function* spendByDayAndModel(mgx: MgxClient, projectId?: number): AsyncGenerator<Spend> {
  let cursor: string | undefined
  do {
    const page = await mgx.reports.spend({ groupBy: ['day', 'model'], projectId, limit: 200, cursor })
    yield* page.items
    cursor = page.nextCursor ?? undefined
  } while (cursor)
}

/** Formats the rows as a table with a line of totals. Amounts are exact, with all nine decimals. */
export function table(rows: Spend[]): string {
  const calls = rows.reduce((sum, { records }) => sum + records, 0)
  const lines = [
    ['day', 'model', 'calls', 'cost'],
    ...rows.map(({ day = '', model = '', records, totalCost }) => [day, model, String(records), exact(totalCost)]),
    ['total', '', String(calls), exact(usd.add(...rows.map(({ totalCost }) => totalCost)))],
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

export const exact = (amount: string): string => usd.format(amount, 9)
