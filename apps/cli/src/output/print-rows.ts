import { type Column, valueAt } from '../contract/columns.js'
import { type Io, say } from '../io.js'
import { csvLine } from './csv.js'
import { drawingFor } from './drawing.js'
import type { Layout } from './format.js'
import { type Drawing, recordLines, tableLines } from './table.js'

/** Prints rows as they come. Nothing is printed before the first one or the end, so a failure leaves stdout empty. */
export type RowPrinter = { row(row: unknown): Promise<void>; end(): Promise<void> }

/** Returns a printer of rows. Only a table keeps them, to find out how wide its columns are. */
export function rowPrinter(io: Io, { format, columns, only }: Layout): RowPrinter {
  const { write } = io.stdout
  let count = 0
  switch (format) {
    case 'json':
      return {
        row: (row) => write(`${count++ === 0 ? '[\n' : ',\n'}${indented(jsonOf(row, only), '  ')}`),
        end: () => write(count === 0 ? '[]\n' : '\n]\n'),
      }
    case 'ndjson':
      return { row: (row) => write(`${JSON.stringify(jsonOf(row, only))}\n`), async end() {} }
    case 'csv': {
      const header = () => (count++ === 0 ? csvLine(columns.map(({ path }) => path)) : '')
      return {
        row: (row) => write(header() + csvLine(columns.map(({ path }) => valueAt(row, path)))),
        end: () => write(header()),
      }
    }
    default: {
      const rows: unknown[] = []
      return {
        async row(row) {
          rows.push(row)
        },
        end: () => (rows.length === 0 ? say(io, 'Nothing found.') : printTable(io, columns, rows)),
      }
    }
  }
}

/** Prints rows as a table. */
const printTable = (io: Io, columns: readonly Column[], rows: readonly unknown[]): Promise<void> =>
  writeLines(io, tableLines(columns, rows, drawingFor(io)))

/** Prints one result. */
export async function printResult(io: Io, result: unknown, { format, columns, only }: Layout): Promise<void> {
  if (format === 'table') return writeLines(io, resultLines(columns, result, drawingFor(io)))
  if (format === 'json') return io.stdout.write(`${JSON.stringify(jsonOf(result, only), null, 2)}\n`)
  const printer = rowPrinter(io, { format, columns, only })
  await printer.row(result)
  await printer.end()
}

/** Returns the fields of a result, and below them the lists of rows that it has, each as a table. */
function resultLines(columns: readonly Column[], result: unknown, drawing: Drawing): string[] {
  const fields = columns.filter(({ rows }) => rows === undefined)
  const lists = columns.flatMap(({ path, rows = [] }) => {
    const found = valueAt(result, path)
    return rows.length > 0 && Array.isArray(found) && found.length > 0 ? ['', ...tableLines(rows, found, drawing)] : []
  })
  return [...recordLines(fields, result, drawing), ...lists]
}

const writeLines = (io: Io, lines: readonly string[]): Promise<void> => io.stdout.write(`${lines.join('\n')}\n`)

/** Returns a row untouched, or only the fields that were asked for. */
const jsonOf = (row: unknown, only: readonly Column[] | undefined): unknown =>
  only ? Object.fromEntries(only.map(({ path }) => [path, valueAt(row, path) ?? null])) : row

const indented = (value: unknown, indent: string): string =>
  indent + JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
