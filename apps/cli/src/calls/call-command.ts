import type { Command } from '../command.js'
import type { CallDeclaration } from './declaration.js'

/** Returns the command of a declaration; `path` is what people type: `runs list`. */
export const callCommand = (path: string, declaration: CallDeclaration): Command => ({
  summary: declaration.summary,
  shares: 'results',
  async details() {
    const { callDetails } = await import('./call-details.js')
    return callDetails(path, declaration)
  },
  async run(invocation) {
    const { runCall } = await import('./run-call.js')
    return runCall(declaration, invocation)
  },
})

/** Returns the commands of a group, all of which are calls. */
export const callCommands = (
  group: string,
  declarations: Readonly<Record<string, CallDeclaration>>,
): Record<string, Command> =>
  Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [name, callCommand(`${group} ${name}`, declaration)]),
  )
