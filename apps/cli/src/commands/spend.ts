import { callFields, optionsOf } from '../calls/call-fields.js'
import type { CallDeclaration } from '../calls/declaration.js'
import type { Command } from '../command.js'
import { procedureOf } from '../contract/document.js'
import { flagOf, inputFields } from '../contract/input-fields.js'

const GROUPS = inputFields(procedureOf('reports.spend')).find(({ name }) => name === 'groupBy')?.choices ?? []

const SPEND: CallDeclaration = {
  procedure: 'reports.spend',
  fixed: { groupBy: [] },
  options: ['from', 'to', 'projectId', 'userId'],
}

/** What was spent, in any combination of groups. */
export const spend: Command = {
  summary: 'Show what was spent, by day, user, run, model and action, with bars',
  options: [
    {
      flags: '--by <a,b>',
      description: `the groups: ${GROUPS.map(flagOf).join(', ')} (default: day)`,
      choices: GROUPS.map(flagOf),
      repeatable: true,
    },
    ...callFields(SPEND).options.flatMap(optionsOf),
  ],
  shares: 'results',
  examples: ['mgx spend --by day,model', 'mgx spend --by user --from 2026-11-01 --output csv'],
  async run(invocation) {
    const { runSpend } = await import('../calls/run-spend.js')
    return runSpend({ groups: GROUPS, declaration: SPEND }, invocation)
  },
}
