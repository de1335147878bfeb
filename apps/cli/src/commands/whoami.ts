import type { Command } from '../command.js'

/** Says as whom commands call. */
export const whoami: Command = {
  summary: 'Show the user that commands call as, and the server they call',
  shares: 'results',
  async run(invocation) {
    const { printUser } = await import('../profile/print-user.js')
    return printUser(invocation)
  },
}
