import type { MgxClient } from '@mgx/client'
import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { procedureOf } from '../contract/document.js'
import { say } from '../io.js'
import { type Layout, layoutOf } from '../output/format.js'
import { printResult, rowPrinter } from '../output/print-rows.js'
import { isPaged } from './call-fields.js'
import { confirm } from './confirm.js'
import type { CallDeclaration } from './declaration.js'
import { methodOf } from './method-of.js'
import { listRows, rowsAsked } from './page-rows.js'
import { readInput } from './read-input.js'
import { printStream } from './stream.js'

/** Runs a declared command: reads its input, calls the procedure and prints what it returns. */
export async function runCall(declaration: CallDeclaration, invocation: Invocation): Promise<number | undefined> {
  const { procedure, shown, note } = declaration
  const { io, options } = invocation
  const layout = layoutOf(invocation, rowSchema(procedure), { shown })
  const input = await readInput(declaration, invocation)
  const most = rowsAsked(options)
  if (declaration.confirm) await confirm(invocation, declaration.confirm)
  const client = await connect(invocation)
  if (procedureOf(procedure).type === 'subscription') return printStream({ io, client, procedure, input, layout })
  if (isPaged(procedure)) return printList({ invocation, client, procedure, input, most, layout })
  const result = await methodOf(client, procedure)(input)
  await printResult(io, result, layout)
  const { nextCursor } = result as { nextCursor?: string | null }
  if (nextCursor) await say(io, `This was one part. The next one: --cursor ${nextCursor}`)
  if (note && io.stderr.isTTY) await say(io, note)
  return undefined
}

type Listed = {
  invocation: Invocation
  client: MgxClient
  procedure: string
  input: Record<string, unknown>
  most: number
  layout: Layout
}

async function printList({ invocation, client, procedure, input, most, layout }: Listed): Promise<undefined> {
  const { io } = invocation
  const { rows, next } = listRows(client, procedure, input, most)
  const printer = rowPrinter(io, layout)
  for await (const row of rows) await printer.row(row)
  await printer.end()
  const cursor = next()
  if (cursor !== null) await say(io, `More rows follow: --all prints all, --cursor ${cursor} the next ones.`)
}
