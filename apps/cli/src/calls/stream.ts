import type { MgxClient } from '@mgx/client'
import { type Column, valueAt } from '../contract/columns.js'
import { EXIT } from '../exit-code.js'
import type { Io } from '../io.js'
import { cellText, headsOf } from '../output/cell.js'
import type { Layout } from '../output/format.js'
import { type RowPrinter, rowPrinter } from '../output/print-rows.js'
import { fit, pad, widthOf } from '../output/text-width.js'
import { streamOf } from './method-of.js'

/** Runs work until it ends by itself or the person interrupts it, and returns the exit code that says which. */
export async function untilInterrupted(io: Io, work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const interruption = new AbortController()
  const stopListening = io.onInterrupt(() => interruption.abort())
  try {
    await work(interruption.signal)
  } finally {
    stopListening()
  }
  return interruption.signal.aborted ? EXIT.interrupted : EXIT.done
}

/** Prints the events of a stream as they come. */
export function printStream({
  io,
  client,
  procedure,
  input,
  layout,
}: {
  io: Io
  client: MgxClient
  procedure: string
  input: object
  layout: Layout
}): Promise<number> {
  return untilInterrupted(io, async (signal) => {
    const printer = streamPrinter(io, layout)
    for await (const event of streamOf(client, procedure)(input, { signal })) await printer.row(event)
    await printer.end()
  })
}

/** Returns a printer of events: JSON is one object a line, because a stream has no end, and a table a line at once. */
export function streamPrinter(io: Io, layout: Layout): RowPrinter {
  if (layout.format === 'table') return growingTable(io, layout.columns)
  return rowPrinter(io, layout.format === 'json' ? { ...layout, format: 'ndjson' } : layout)
}

/** Prints each row at once; a column becomes as wide as the widest cell so far. */
function growingTable(io: Io, columns: readonly Column[]): RowPrinter {
  const heads = headsOf(columns)
  const widths = heads.map(widthOf)
  let isFirst = true
  const print = (cells: string[]) => {
    const line = cells.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  ')
    return io.stdout.write(`${fit(line.trimEnd(), io.size()?.columns ?? line.length)}\n`)
  }
  return {
    async row(row) {
      const cells = columns.map(({ path, kind }) => cellText(valueAt(row, path), kind, undefined))
      for (const [index, cell] of cells.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
      if (isFirst) await print(heads)
      isFirst = false
      await print(cells)
    },
    async end() {},
  }
}
