import { usd } from '@mgx/client'
import type { ReplayedRun } from './replay.js'

/** Formats the runs as a table with a line of totals. */
export function table(runs: ReplayedRun[]): string {
  const header = ['project', 'name', 'calls', 'there (USD)', 'here (USD)', '']
  const lines = runs.map((run) => [
    String(run.projectId),
    run.name,
    String(run.calls),
    run.there,
    run.here,
    [agrees(run) ? 'equal' : 'DIFFERS', ...(run.overBudget ? ['over budget'] : [])].join(', '),
  ])
  const total = [
    '',
    'all',
    String(runs.reduce((calls, run) => calls + run.calls, 0)),
    sum(runs, 'there'),
    sum(runs, 'here'),
    '',
  ]
  const cells = [header, ...lines, total]
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function agrees({ there, here }: ReplayedRun): boolean {
  return usd.compare(there, here) === 0
}

function sum(runs: ReplayedRun[], side: 'there' | 'here'): string {
  return usd.add(...runs.map((run) => run[side]))
}
