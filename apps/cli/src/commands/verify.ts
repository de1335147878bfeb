import type { Command } from '../command.js'

/** Lets the server add up its books. */
export const verify: Command = {
  summary: 'Let the server recompute all totals, and print those that do not match. Exits with 1 if any do not',
  shares: 'results',
  async run(invocation) {
    const { printVerification } = await import('../doctor/print-verification.js')
    return printVerification(invocation)
  },
}
