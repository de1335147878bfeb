import type { JsonSchema } from '@mgx/contract/contract-document'
import type { Invocation } from '../command.js'
import { type Column, columnsAt, columnsOf } from '../contract/columns.js'
import { usageError } from '../exit-code.js'

export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** How results are printed: `columns` are those of tables and CSV; `only` are the fields that the person asked for. */
export type Layout = { format: Format; columns: Column[]; only: Column[] | undefined }

/** What a command says about its results: the columns of its table, also those of its CSV or not, and its formats. */
type Shape = { shown?: readonly string[] | undefined; formats?: readonly Format[]; shapesCsv?: boolean }

/**
 * Returns the layout that `--output` and `--fields` ask for. Without them a terminal shows a table of the columns of the
 * command, and a pipe gets everything as JSON.
 * @throws CommandError for a field that the results do not have.
 */
export function layoutOf(
  { io, options }: Pick<Invocation, 'io' | 'options'>,
  schema: JsonSchema,
  { shown, formats = FORMATS, shapesCsv = false }: Shape = {},
): Layout {
  const fallback = io.stdout.isTTY ? formats[0] : 'json'
  const format = (options.output as Format | undefined) ?? fallback ?? 'json'
  if (!formats.includes(format)) throw usageError(`This command prints ${formats.join(', ')}; there is no ${format}`)
  const only = fieldsOf(options.fields, schema)
  const isShaped = format === 'table' || (format === 'csv' && shapesCsv)
  const shaped = isShaped && shown ? columnsAt(schema, shown) : columnsOf(schema)
  return { format, columns: only ?? shaped, only }
}

function fieldsOf(given: unknown, schema: JsonSchema): Column[] | undefined {
  if (typeof given !== 'string') return undefined
  return columnsAt(
    schema,
    given.split(',').map((name) => name.trim()),
  )
}
