import { type Column, valueAt } from '../contract/columns.js'
import { cellText, headsOf, pathLabel } from './cell.js'
import type { Paint } from './style.js'
import { fit, pad, widestOf, widthOf } from './text-width.js'

/** How a table is drawn: `width` is that of the terminal, and `now` makes times relative; without a terminal neither is. */
export type Drawing = { width: number | undefined; now: number | undefined; paint: Paint }

const GAP = '  '
/** A column of text is not cut below this width. */
const LEAST_TEXT = 8

/** A table as lines: those of the heads of its columns, and one for each row. */
export type Table = { heads: string[]; rows: string[] }

/** Returns the lines of a table; where it does not fit, a block of lines for each row. */
export function tableLines(columns: readonly Column[], rows: readonly unknown[], drawing: Drawing): string[] {
  const table = drawTable(columns, rows, drawing)
  if (table) return [...table.heads, ...table.rows]
  return rows.flatMap((row, index) => [...(index > 0 ? [''] : []), ...recordLines(columns, row, drawing)])
}

/**
 * Returns a table that fits; undefined when none does. To fit, the heads of the columns are broken, then text is cut, but
 * never a figure: one that lacks digits would lie.
 */
export function drawTable(columns: readonly Column[], rows: readonly unknown[], drawing: Drawing): Table | undefined {
  const cells = columns.map((column) => columnCells(column, rows, drawing.now))
  const widths = fittedWidths(columns, cells, drawing.width)
  if (!widths) return undefined
  const line = (texts: readonly string[]) =>
    columns
      .map((column, index) => pad(fit(texts[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, side(column)))
      .join(GAP)
      .trimEnd()
  const heads = headsOf(columns).map((head, index) => broken(head, widths[index] ?? 0))
  const height = Math.max(...heads.map((head) => head.length))
  const headLine = (_: unknown, at: number) => line(heads.map((head) => head[at - height + head.length] ?? ''))
  return {
    heads: Array.from({ length: height }, headLine).map((text) => drawing.paint(text, 'bold')),
    rows: rows.map((_, row) => line(cells.map((texts) => texts[row] ?? ''))),
  }
}

/** Returns the lines of one row, a field a line; those without a value are left out. */
export function recordLines(columns: readonly Column[], row: unknown, { width, now, paint }: Drawing): string[] {
  const shown = columns
    .map(({ path, kind }) => ({ name: pathLabel(path), text: cellText(valueAt(row, path), kind, now) }))
    .filter(({ text }) => text !== '')
  const room = (width ?? Number.POSITIVE_INFINITY) - GAP.length
  const most = Math.min(Math.max(0, ...shown.map(({ name }) => widthOf(name))), Math.max(1, room - LEAST_TEXT))
  return shown.map(({ name, text }) => `${paint(pad(fit(name, most), most), 'dim')}${GAP}${fit(text, room - most)}`)
}

/** Returns the cells of a column; amounts are aligned at their decimal points. */
function columnCells({ path, kind }: Column, rows: readonly unknown[], now: number | undefined): string[] {
  const texts = rows.map((row) => cellText(valueAt(row, path), kind, now))
  if (kind !== 'usd') return texts
  const decimals = texts.map((text) => text.length - text.lastIndexOf('.'))
  const most = decimals.reduce((longest, each) => Math.max(longest, each), 0)
  return texts.map((text, index) => text + ' '.repeat(most - (decimals[index] ?? 0)))
}

/** Returns widths that fit; undefined when not even the least do. The widest columns of text give way first. */
function fittedWidths(
  columns: readonly Column[],
  cells: readonly string[][],
  width: number | undefined,
): number[] | undefined {
  const heads = headsOf(columns)
  const widthsWith = (widthOfHead: (head: string) => number) =>
    cells.map((texts, index) => Math.max(widthOfHead(heads[index] ?? ''), widestOf(texts)))
  const over = (widths: number[]) =>
    width === undefined ? 0 : widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - width
  const whole = widthsWith(widthOf)
  if (over(whole) <= 0) return whole
  const widths = widthsWith((label) => Math.max(...label.split(' ').map(widthOf)))
  for (let left = over(widths); left > 0; left--) {
    const texts = widths.map((each, index) =>
      columns[index]?.kind === 'text' || columns[index]?.kind === 'json' ? each : 0,
    )
    const widest = texts.indexOf(Math.max(...texts))
    if ((texts[widest] ?? 0) <= LEAST_TEXT) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** Returns a label in as many lines as it needs to be this narrow. */
function broken(label: string, width: number): string[] {
  const lines: string[] = []
  for (const word of label.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const side = ({ kind }: Column): 'left' | 'right' =>
  kind === 'usd' || kind === 'number' || kind === 'id' ? 'left' : 'right'
