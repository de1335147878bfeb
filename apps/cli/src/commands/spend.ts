import type { Command } from '../command.js'

/** What was spent, in any combination of groups. */
export const spend: Command = {
  summary: 'Show what was spent, by day, user, run, model and action, with bars',
  shares: 'results',
  async details() {
    const { spendOptions } = await import('../spend/spend-options.js')
    return {
      options: spendOptions(),
      examples: ['mgx spend --by day,model', 'mgx spend --by user --from 2026-11-01 --output csv'],
    }
  },
  async run(invocation) {
    const { runSpend } = await import('../spend/run-spend.js')
    return runSpend(invocation)
  },
}
