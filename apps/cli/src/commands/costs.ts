import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'
import { exportCosts } from './export-costs.js'

const COLUMNS = ['id', 'createdAt', 'model', 'actionType', 'promptTokens', 'completionTokens', 'totalCost']
const RECORDED = [
  'record.id',
  'record.model',
  'record.totalCost',
  'budget.spent',
  'budget.reserved',
  'budget.remaining',
]
const WATCHED = [
  'record.id',
  'record.createdAt',
  'record.model',
  'record.totalCost',
  'budget.spent',
  'budget.remaining',
]

/** The cost records of a run. */
export const costs: Group = {
  summary: 'The costs of the model calls of a run',
  commands: {
    ...callCommands('costs', {
      list: {
        procedure: 'costs.list',
        summary: 'List the costs of a run, newest first',
        args: ['projectId'],
        shown: COLUMNS,
      },
      show: { procedure: 'costs.get', summary: 'Show a cost record, with how it was priced', args: ['id'] },
      watch: {
        procedure: 'costs.watch',
        summary: 'Print costs as they are committed',
        args: ['projectId'],
        shown: WATCHED,
      },
      record: {
        procedure: 'costs.record',
        summary: 'Record the cost of a model call',
        args: ['projectId'],
        shown: RECORDED,
      },
      'record-usage': {
        procedure: 'costs.recordUsage',
        summary: "Record the cost of a model call from its provider's response",
        args: ['projectId'],
        shown: RECORDED,
      },
      total: { procedure: 'costs.total', summary: 'Show the totals of a run', args: ['projectId'] },
      adjust: {
        procedure: 'costs.adjust',
        summary: 'Set the total cost of a run by an adjustment, for a reason',
        args: ['projectId'],
        shown: RECORDED,
      },
    }),
    export: exportCosts,
  },
}
