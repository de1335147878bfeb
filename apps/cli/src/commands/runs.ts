import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'
import { watchRun } from './watch-run.js'

const COLUMNS = ['id', 'name', 'status', 'investment', 'totalCost', 'reserved', 'createdAt']

/** A run is what the API calls a project. */
export const runs: Group = {
  summary: 'Runs of agent teams, which the API calls projects',
  commands: {
    ...callCommands('runs', {
      list: { procedure: 'projects.list', summary: 'List runs, newest first', shown: COLUMNS },
      show: { procedure: 'projects.get', summary: 'Show a run', args: ['id'] },
      create: { procedure: 'projects.create', summary: 'Create a run with an idea and an investment' },
      start: status('running', 'Say that a run has begun'),
      complete: status('completed', 'Say that a run has completed', ['projectPath']),
      fail: status('failed', 'Say that a run has failed', ['error']),
      raise: {
        procedure: 'projects.update',
        summary: 'Set the investment of a run, the USD that it may spend',
        args: ['id', 'investment'],
        options: [],
      },
      update: { procedure: 'projects.update', summary: 'Change the given fields of a run', args: ['id'] },
    }),
    watch: watchRun,
  },
}

function status(to: string, summary: string, options: string[] = []) {
  return { procedure: 'projects.updateStatus', summary, args: ['id'], fixed: { status: to }, options }
}
