import type { Faults } from './books.js'
import { type Figure, verdict } from './figure.js'

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** Formats the figures as a Markdown table. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ['database', 'work', 'measured', 'beside', 'ratio', 'least', 'goal', 'reached', 'lost/doubled/overspent']
  const lines = figures.map((figure) => {
    const { database, work, measured, beside, ratio, least, goal, isCeiling, faults } = figure
    const sign = isCeiling ? '≤' : '≥'
    const marks = [number.format(ratio), `${sign} ${number.format(least)}`, `${sign} ${number.format(goal)}`]
    return [database, work, measured, beside, ...marks, verdict(figure), faults ? faultsOf(faults) : '–']
  })
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function faultsOf({ lost, doubled, overspent, drifted }: Faults): string {
  return `${lost}/${doubled}/${overspent}${drifted > 0 ? ' BOOKS DRIFTED' : ''}`
}
