import type { Command } from '../command.js'

/** Finds out why commands fail. */
export const doctor: Command = {
  summary: 'Check the server, its version and contract, the key, the clocks and the books',
  shares: 'results',
  async run(invocation) {
    const { examine } = await import('../doctor/examine.js')
    return examine(invocation)
  },
}
