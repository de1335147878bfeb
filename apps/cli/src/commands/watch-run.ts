import { callCommand } from '../calls/call-command.js'
import type { CallDeclaration } from '../calls/declaration.js'
import type { Command } from '../command.js'

const DECLARATION: CallDeclaration = {
  procedure: 'costs.watch',
  summary: 'Watch a run spend until it ends: a live view on a terminal, in a pipe one JSON object a cost',
  args: ['projectId'],
}

/** Shows a run while it spends. */
export const watchRun: Command = {
  ...callCommand('runs watch', DECLARATION),
  async run(invocation) {
    const { watch } = await import('../watch/watch.js')
    return watch(DECLARATION, invocation)
  },
}
