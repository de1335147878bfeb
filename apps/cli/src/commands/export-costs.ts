import type { CallDeclaration } from '../calls/declaration.js'
import type { Command } from '../command.js'

/** The same filters as `costs list`, but always all records. */
const DECLARATION: CallDeclaration = {
  procedure: 'costs.list',
  summary: 'Write all costs of a run, newest first, as CSV or JSON; any number of them takes the same memory',
  args: ['projectId'],
  options: ['actionType', 'model', 'from', 'to'],
}

/** Writes all costs of a run, a page at a time. */
export const exportCosts: Command = {
  summary: DECLARATION.summary,
  shares: 'results',
  async details() {
    const { argumentsAndOptions } = await import('../calls/call-details.js')
    return {
      ...argumentsAndOptions(DECLARATION),
      examples: ['mgx costs export 1 --output csv > costs.csv', 'mgx costs export 1 --from 2026-11-01 --output ndjson'],
    }
  },
  async run(invocation) {
    const { exportRows } = await import('../calls/export-rows.js')
    return exportRows(DECLARATION, invocation)
  },
}
