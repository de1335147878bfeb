import { type Spend, usd } from '@mgx/client'
import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { type Column, rowSchema } from '../contract/columns.js'
import { flagOf } from '../contract/input-fields.js'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'
import { type Io, say } from '../io.js'
import { bar } from '../output/bar.js'
import { drawingFor } from '../output/drawing.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { paintFor } from '../output/style.js'
import { tableLines } from '../output/table.js'
import { pad, widthOf } from '../output/text-width.js'
import type { CallDeclaration } from './declaration.js'
import { listRows } from './page-rows.js'
import { readInput } from './read-input.js'

const LEAST_BAR = 8
const MOST_BAR = 40

/** Prints the report of what was spent; on a terminal with a bar for each row. `groups` are the words of `--by`. */
export async function runSpend(
  { groups, declaration }: { groups: readonly string[]; declaration: CallDeclaration },
  invocation: Invocation,
): Promise<undefined> {
  const { io, options } = invocation
  const groupBy = readGroups(options.by, groups)
  const shown = [...groupBy.map(columnOf), 'records', 'promptTokens', 'completionTokens', 'totalCost']
  // The rows have only the fields of their groups.
  const layout = layoutOf(invocation, rowSchema(declaration.procedure), { shown, shapesCsv: true })
  const input = await readInput({ ...declaration, fixed: { groupBy } }, invocation)
  const client = await connect(invocation)
  const { rows } = listRows(client, declaration.procedure, input, Number.POSITIVE_INFINITY)
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

/** Returns the groups that `--by` names, in the words of the contract: `action-type` is `actionType`. */
function readGroups(given: unknown, groups: readonly string[]): string[] {
  const words = Array.isArray(given) ? given.flatMap((each) => String(each).split(',')) : ['day']
  return words.map((word) => {
    const group = groups.find((each) => each === word || flagOf(each) === word)
    if (group) return group
    const names = groups.map(flagOf)
    throw usageError(`--by cannot be ${JSON.stringify(word)}. ${didYouMean(word, names)}Use: ${names.join(', ')}`)
  })
}

/** Rows name users and projects by their ids. */
const columnOf = (group: string): string => (group === 'user' || group === 'project' ? `${group}Id` : group)

async function printBars(io: Io, columns: readonly Column[], rows: readonly Spend[]): Promise<void> {
  const drawing = drawingFor(io)
  const paint = paintFor(io)
  const room = drawing.width === undefined ? undefined : drawing.width - LEAST_BAR - 2
  const lines = tableLines(columns, rows, { ...drawing, width: room })
  const total = usd.add(...rows.map(({ totalCost }) => totalCost))
  // A table that does not fit is a block of lines for each row, where a bar has no place.
  if (lines.length === rows.length + 1) {
    const widest = Math.max(...lines.map(widthOf))
    const width = Math.min(MOST_BAR, Math.max(LEAST_BAR, (drawing.width ?? widest + MOST_BAR) - widest - 2))
    const costs = rows.map(({ totalCost }) => usd.toNumber(totalCost))
    const most = Math.max(...costs, Number.MIN_VALUE)
    for (const [index, cost] of costs.entries()) {
      const drawn = paint(bar(cost / most, width), 'cyan')
      lines[index + 1] = `${pad(lines[index + 1] ?? '', widest)}  ${drawn}`.trimEnd()
    }
  }
  await io.stdout.write(`${lines.join('\n')}\n`)
  await say(io, `Total ${usd.format(total)} in ${rows.length === 1 ? '1 row' : `${rows.length} rows`}.`)
}
