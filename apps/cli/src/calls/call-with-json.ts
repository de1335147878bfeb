import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { inputFaults } from '../contract/check-input.js'
import { rowSchema } from '../contract/columns.js'
import { procedureOf, procedures } from '../contract/document.js'
import { contentOf, parseJson } from '../contract/read-value.js'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'
import { layoutOf } from '../output/format.js'
import { printResult, rowPrinter } from '../output/print-rows.js'
import { isPaged } from './call-fields.js'
import { methodOf } from './method-of.js'
import { printStream } from './stream.js'

/**
 * Calls a procedure with the JSON of the command line and prints the response as it is: a page is an object with `items`.
 * Only rows fit in a table or CSV.
 * @throws CommandError for an unknown procedure, and for an input that the contract does not allow.
 */
export async function callWithJson(procedure: string, invocation: Invocation): Promise<number | undefined> {
  const { io, options, args } = invocation
  requireKnown(procedure)
  const schema = rowSchema(procedure)
  const layout = layoutOf(invocation, schema, { formats: ['json', 'ndjson', 'csv', 'table'] })
  const [, text] = args
  const input = text === undefined ? {} : parseJson(await contentOf(text, io), 'The input')
  const faults = inputFaults(procedureOf(procedure), input)
  if (faults.length > 0)
    throw usageError(`${procedure}: ${faults.join('; ')}`, 'See: mgx api --help, or /docs of the server')
  const client = await connect(invocation)
  if (procedureOf(procedure).type === 'subscription')
    return printStream({ io, client, procedure, input: input as object, layout })
  const answer = await methodOf(client, procedure)(input as object)
  const asRows = isPaged(procedure) && (layout.format !== 'json' || options.fields !== undefined)
  if (!asRows) await printResult(io, answer, layout)
  else {
    const printer = rowPrinter(io, layout)
    for (const row of (answer as { items: object[] }).items) await printer.row(row)
    await printer.end()
  }
  return undefined
}

function requireKnown(procedure: string): void {
  if (Object.hasOwn(procedures, procedure)) return
  const hint = didYouMean(procedure, Object.keys(procedures)).trimEnd()
  throw usageError(`There is no procedure "${procedure}".${hint && ` ${hint}`}`, 'To list them: mgx api')
}

const PROCEDURE = {
  properties: {
    procedure: { type: 'string' },
    type: { type: 'string' },
    authority: { type: 'string' },
    description: { type: 'string' },
  },
} as const

/** Prints what can be called. */
export async function listProcedures(invocation: Invocation): Promise<undefined> {
  const printer = rowPrinter(invocation.io, layoutOf(invocation, PROCEDURE))
  for (const [procedure, { type, authority, description }] of Object.entries(procedures))
    await printer.row({ procedure, type, authority, description })
  await printer.end()
}
