import type { MgxClient } from '@mgx/client'
import type { CallDeclaration } from '../calls/declaration.js'
import { readInput } from '../calls/read-input.js'
import { streamPrinter, untilInterrupted } from '../calls/stream.js'
import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { EXIT } from '../exit-code.js'
import { type Io, say } from '../io.js'
import { type Layout, layoutOf } from '../output/format.js'
import { followRun } from './follow-run.js'
import { watchLive } from './watch-live.js'

/** Watches a run: drawn on a terminal, and elsewhere, or in another format than a table, printed. */
export async function watch(declaration: CallDeclaration, invocation: Invocation): Promise<number> {
  const { io } = invocation
  const layout = layoutOf(invocation, rowSchema(declaration.procedure))
  const input = await readInput(declaration, invocation)
  const projectId = Number(input.projectId)
  const client = await connect(invocation)
  // Asked first, so that a run that does not exist is missing and not silent.
  const { data: project, response } = await client.projects.get({ id: projectId }).withResponse()
  if (io.size() && layout.format === 'table') return watchLive({ io, client, project, response })
  return print({ io, client, input: { ...input, projectId }, layout })
}

async function print({
  io,
  client,
  input,
  layout,
}: {
  io: Io
  client: MgxClient
  input: { projectId: number }
  layout: Layout
}): Promise<number> {
  const printer = streamPrinter(io, layout)
  let status = ''
  const exitCode = await untilInterrupted(io, (signal) =>
    followRun(client, input, {
      signal,
      onCost: (event) => printer.row(event),
      async onProject(project) {
        status = project.status
      },
      async onTrouble() {},
    }),
  )
  await printer.end()
  if (exitCode === EXIT.done)
    await say(io, `Run ${input.projectId} has ${status === 'failed' ? 'failed' : 'completed'}.`)
  return exitCode
}
