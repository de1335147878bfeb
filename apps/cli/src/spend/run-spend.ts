import { type Spend, usd } from '@mgx/client'
import { listRows } from '../calls/page-rows.js'
import { readInput } from '../calls/read-input.js'
import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { type Column, rowSchema } from '../contract/columns.js'
import { type Io, say } from '../io.js'
import { bar } from '../output/bar.js'
import { drawingFor } from '../output/drawing.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { type Drawing, drawTable, type Table, tableLines } from '../output/table.js'
import { pad, widestOf } from '../output/text-width.js'
import { readGroups, SPEND } from './spend-options.js'

const LEAST_BAR = 8
const MOST_BAR = 40

/** Prints the report of what was spent; on a terminal with a bar for each row. */
export async function runSpend(invocation: Invocation): Promise<undefined> {
  const { io, options } = invocation
  const groupBy = readGroups(options.by)
  const shown = [...groupBy.map(columnOf), 'records', 'promptTokens', 'completionTokens', 'totalCost']
  // The rows have only the fields of their groups.
  const layout = layoutOf(invocation, rowSchema(SPEND.procedure), { shown, shapesCsv: true })
  const input = await readInput({ ...SPEND, fixed: { groupBy } }, invocation)
  const client = await connect(invocation)
  const { rows } = listRows(client, SPEND.procedure, input, Number.POSITIVE_INFINITY)
  const printer = rowPrinter(io, layout)
  const kept: Spend[] = []
  for await (const row of rows) {
    if (layout.format === 'table' && !layout.only) kept.push(row as Spend)
    else await printer.row(row)
  }
  if (kept.length === 0) await printer.end()
  else await printBars(io, layout.columns, kept)
  return undefined
}

/** Rows name users and projects by their ids. */
const columnOf = (group: string): string => (group === 'user' || group === 'project' ? `${group}Id` : group)

async function printBars(io: Io, columns: readonly Column[], rows: readonly Spend[]): Promise<void> {
  const drawing = drawingFor(io)
  const room = drawing.width === undefined ? undefined : drawing.width - LEAST_BAR - 2
  const table = drawTable(columns, rows, { ...drawing, width: room })
  // A block of lines for each row has no place for bars.
  const lines = table ? withBars(table, rows, drawing) : tableLines(columns, rows, drawing)
  await io.stdout.write(`${lines.join('\n')}\n`)
  const total = rows.reduce((sum, { totalCost }) => usd.add(sum, totalCost), usd.add())
  await say(io, `Total ${usd.format(total)} in ${rows.length === 1 ? '1 row' : `${rows.length} rows`}.`)
}

/** Draws a bar behind each row, as long as the table leaves room. */
function withBars(table: Table, rows: readonly Spend[], { width, paint }: Drawing): string[] {
  const widest = Math.max(widestOf(table.heads), widestOf(table.rows))
  const room = Math.min(MOST_BAR, Math.max(LEAST_BAR, (width ?? widest + MOST_BAR) - widest - 2))
  const costs = rows.map(({ totalCost }) => usd.toNumber(totalCost))
  const most = costs.reduce((highest, cost) => Math.max(highest, cost), Number.MIN_VALUE)
  const barred = table.rows.map((line, index) => {
    const drawn = bar((costs[index] ?? 0) / most, room)
    return drawn === '' ? line : `${pad(line, widest)}  ${paint(drawn, 'cyan')}`
  })
  return [...table.heads, ...barred]
}
