import { usd } from '@mgx/client'
import type { Column } from '../contract/columns.js'
import { segments } from '../output/bar.js'
import type { Paint, Style } from '../output/style.js'
import { tableLines } from '../output/table.js'
import { fit } from '../output/text-width.js'
import { printable } from '../printable.js'
import { costOfLastMinute, type RunState } from './run-state.js'

const COLUMNS: Column[] = [
  { path: 'createdAt', kind: 'instant' },
  { path: 'model', kind: 'text' },
  { path: 'actionType', kind: 'text' },
  { path: 'promptTokens', kind: 'number' },
  { path: 'completionTokens', kind: 'number' },
  { path: 'totalCost', kind: 'usd' },
]

const HOLD_COLUMNS: Column[] = [
  { path: 'createdAt', kind: 'instant' },
  { path: 'id', kind: 'id' },
  { path: 'amount', kind: 'usd' },
  { path: 'expiresAt', kind: 'instant' },
]

const STATUS_STYLES: Record<RunState['project']['status'], Style> = {
  pending: 'dim',
  running: 'green',
  completed: 'cyan',
  failed: 'red',
}

/** Where a frame is shown; the last one stays on the terminal when the view has ended. */
type Frame = { columns: number; rows: number; now: number; paint: Paint; isLast: boolean }

/** Returns the lines of the live view of a run, for a terminal of this size. */
export function frameLines(state: RunState, { columns, rows, now, paint, isLast }: Frame): string[] {
  const { project, budget, records, holds, trouble } = state
  const drawing = { width: columns, now: now + state.offset, paint }
  const title = `Run ${project.id}  ${printable(project.name)}`
  const head = [
    `${paint(fit(title, Math.max(10, columns - 12)), 'bold')}  ${paint(project.status, STATUS_STYLES[project.status])}`,
    '',
    budgetBar(budget, columns, paint),
    fit(budgetWords(budget), columns),
    fit(`${usd.format(costOfLastMinute(state, now))} in the last minute`, columns),
    '',
    ...(holds.length === 0 ? [] : ['Open holds', ...tableLines(HOLD_COLUMNS, holds, drawing), '']),
  ]
  const hint = trouble ?? 'Ctrl-C ends the view; the run goes on.'
  const foot = isLast ? [] : ['', paint(fit(hint, columns), trouble ? 'yellow' : 'dim')]
  const room = Math.max(1, rows - head.length - foot.length - 1)
  const last = records.slice(0, room)
  const table = last.length === 0 ? ['No costs yet.'] : tableLines(COLUMNS, last, drawing)
  return [...head, ...table.slice(0, room + 1), ...foot]
}

/** Draws what is spent, held and free as parts of the limit; of what is spent if that is more. */
function budgetBar({ limit, spent, reserved, remaining }: RunState['budget'], columns: number, paint: Paint): string {
  const [all, ...parts] = [usd.add(spent, reserved, remaining), spent, reserved, remaining].map(usd.toNumber)
  const whole = Math.max(usd.toNumber(limit), all ?? 0) || 1
  const [used = 0, held = 0, free = 0] = segments(
    parts.map((part) => Math.max(0, part) / whole),
    columns,
  )
  return `${paint('█'.repeat(used), 'cyan')}${paint('▒'.repeat(held), 'yellow')}${paint('░'.repeat(free), 'dim')}`
}

function budgetWords({ limit, spent, reserved, remaining, exceeded }: RunState['budget']): string {
  const over = exceeded ? `  exceeded by ${usd.format(usd.subtract(spent, limit))}` : ''
  return `█ spent ${usd.format(spent)}  ▒ held ${usd.format(reserved)}  ░ free ${usd.format(remaining)}  of ${usd.format(limit)}${over}`
}
