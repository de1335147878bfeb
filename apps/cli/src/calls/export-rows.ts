import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { progressOn } from '../output/progress.js'
import type { CallDeclaration } from './declaration.js'
import { listRows } from './page-rows.js'
import { readInput } from './read-input.js'

/** Prints all rows of a list as they arrive, so that any number of them takes the same memory. */
export async function exportRows(declaration: CallDeclaration, invocation: Invocation): Promise<undefined> {
  const { io } = invocation
  const layout = layoutOf(invocation, rowSchema(declaration.procedure), { formats: ['csv', 'ndjson', 'json'] })
  const input = await readInput(declaration, invocation)
  const client = await connect(invocation)
  const { projectId } = input
  const isWhole = Object.keys(input).length === 1
  // How many are left can be told only when nothing is filtered.
  const total =
    io.stderr.isTTY && isWhole ? (await client.costs.total({ projectId: Number(projectId) })).records : undefined
  const printer = rowPrinter(io, layout)
  const progress = progressOn(io, total)
  try {
    for await (const row of listRows(client, declaration.procedure, input, Number.POSITIVE_INFINITY).rows) {
      await printer.row(row)
      progress.count()
    }
    await printer.end()
  } finally {
    progress.end()
  }
  return undefined
}
