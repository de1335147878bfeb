import { type Column, valueAt } from '../contract/columns.js'
import { cellText, labelOf } from './cell.js'
import type { Paint } from './style.js'
import { fit, pad, widthOf } from './text-width.js'

/** How a table is drawn: `width` is that of the terminal, and `now` makes times relative; without a terminal neither is. */
export type Drawing = { width: number | undefined; now: number | undefined; paint: Paint }

const GAP = '  '
/** A column of text is not cut below this width. */
const LEAST_TEXT = 8

/** Returns the lines of a table. Only text is cut to fit: a figure that lacks digits would lie. */
export function tableLines(columns: readonly Column[], rows: readonly unknown[], drawing: Drawing): string[] {
  const cells = columns.map((column) => columnCells(column, rows, drawing.now))
  const widths = fittedWidths(columns, cells, drawing.width)
  if (!widths) return rows.flatMap((row, index) => [...(index > 0 ? [''] : []), ...recordLines(columns, row, drawing)])
  const line = (row: number) =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0
        const text = fit(cells[index]?.[row] ?? '', width)
        return index === columns.length - 1 && !isFigure(column) ? text : pad(text, width, side(column))
      })
      .join(GAP)
      .trimEnd()
  return [drawing.paint(line(0), 'bold'), ...rows.map((_, index) => line(index + 1))]
}

/** Returns the lines of one row, a field a line; those without a value are left out. */
export function recordLines(columns: readonly Column[], row: unknown, { width, now, paint }: Drawing): string[] {
  const shown = columns
    .map(({ path, kind }) => ({ label: path.replaceAll('.', ' › '), text: cellText(valueAt(row, path), kind, now) }))
    .filter(({ text }) => text !== '')
  const names = shown.map(({ label }) => label.split(' › ').map(labelOf).join(' › '))
  const most = Math.max(0, ...names.map(widthOf))
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(LEAST_TEXT, width - most - GAP.length)
  return shown.map(({ text }, index) => `${paint(pad(names[index] ?? '', most), 'dim')}${GAP}${fit(text, room)}`)
}

/** Returns the label and the cells of a column; amounts are aligned at their decimal points. */
function columnCells({ path, kind }: Column, rows: readonly unknown[], now: number | undefined): string[] {
  const texts = rows.map((row) => cellText(valueAt(row, path), kind, now))
  if (kind !== 'usd') return [labelOf(path), ...texts]
  const decimals = texts.map((text) => text.length - text.lastIndexOf('.'))
  const most = Math.max(0, ...decimals)
  return [labelOf(path), ...texts.map((text, index) => text + ' '.repeat(most - (decimals[index] ?? 0)))]
}

/** Returns widths that fit; undefined when not even the least do. The widest columns of text give way first. */
function fittedWidths(
  columns: readonly Column[],
  cells: readonly string[][],
  width: number | undefined,
): number[] | undefined {
  const widths = cells.map((texts) => Math.max(...texts.map(widthOf)))
  const sum = () => widths.reduce((total, each) => total + each, GAP.length * (columns.length - 1))
  for (let over = width === undefined ? 0 : sum() - width; over > 0; over--) {
    const texts = widths.map((each, index) => (isFigure(columns[index]) ? 0 : each))
    const widest = texts.indexOf(Math.max(...texts))
    if ((texts[widest] ?? 0) <= LEAST_TEXT) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const isFigure = (column: Column | undefined): boolean => column?.kind === 'usd' || column?.kind === 'number'

const side = (column: Column): 'left' | 'right' => (isFigure(column) ? 'left' : 'right')
