/** One panel: lines of points by time in Unix seconds, and Grafana's name of their unit. */
export type Chart = {
  readonly title: string
  readonly unit: string
  readonly lines: readonly { readonly legend: string; readonly points: readonly (readonly [number, number])[] }[]
}

const COLUMNS = 3
const [WIDTH, HEIGHT] = [400, 230]
const PLOT = { left: 58, top: 34, width: 328, height: 120 }
const COLORS = ['#3b82f6', '#f59e0b', '#10b981', '#ef4444', '#8b5cf6', '#06b6d4', '#84cc16', '#ec4899']
const MOST_LEGENDS = 6

/** Draws the panels of a dashboard as Grafana arranges them, three in a row. */
export function drawDashboard(title: string, charts: readonly Chart[]): string {
  const height = 40 + Math.ceil(charts.length / COLUMNS) * HEIGHT
  const panels = charts.map((chart, index) => {
    const place = `translate(${(index % COLUMNS) * WIDTH} ${40 + Math.floor(index / COLUMNS) * HEIGHT})`
    return `<g transform="${place}">${drawChart(chart)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${height}" font-family="sans-serif" font-size="11">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="26" font-size="18" font-weight="bold">${escapeXml(title)}</text>
${panels.join('\n')}
</svg>
`
}

function drawChart({ title, unit, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points.filter(([, value]) => Number.isFinite(value)))
  const most = Math.max(...points.map(([, value]) => value), 0) || 1
  const [first, last] = [Math.min(...points.map(([time]) => time)), Math.max(...points.map(([time]) => time))]
  const { left, top, width, height } = PLOT
  const at = ([time, value]: readonly [number, number]) => {
    const x = left + ((time - first) / (last - first || 1)) * width
    return `${x.toFixed(1)},${(top + height - (value / most) * height).toFixed(1)}`
  }
  const shown = lines.slice(0, MOST_LEGENDS)
  const drawn = lines.map(
    (line, index) =>
      `<polyline fill="none" stroke="${colorOf(index)}" stroke-width="1.5" points="${line.points
        .filter(([, value]) => Number.isFinite(value))
        .map(at)
        .join(' ')}"/>`,
  )
  const legends = shown.map(({ legend }, index) => {
    const [x, y] = [left + (index % 2) * 165, top + height + 22 + Math.floor(index / 2) * 15]
    return `<rect x="${x}" y="${y - 8}" width="9" height="9" fill="${colorOf(index)}"/><text x="${x + 14}" y="${y}">${escapeXml(legend.slice(0, 26))}</text>`
  })
  return `<rect x="4" y="4" width="${WIDTH - 8}" height="${HEIGHT - 8}" fill="none" stroke="#ddd"/>
<text x="12" y="22" font-weight="bold">${escapeXml(title)}</text>
<text x="${left - 6}" y="${top + 8}" text-anchor="end">${escapeXml(inUnit(most, unit))}</text><text x="${left - 6}" y="${top + height}" text-anchor="end">0</text>
<line x1="${left}" y1="${top + height}" x2="${left + width}" y2="${top + height}" stroke="#999"/>
${points.length === 0 ? `<text x="${left}" y="${top + 60}" fill="#777">not shown for this database</text>` : drawn.join('')}
${legends.join('')}`
}

const colorOf = (index: number) => COLORS[index % COLORS.length] ?? '#000'

function inUnit(value: number, unit: string): string {
  const text = value.toPrecision(3).replace(/\.?0+$/, '')
  if (unit === 's') return value < 1 ? `${(value * 1_000).toPrecision(3)} ms` : `${text} s`
  if (unit === 'bytes') return `${(value / 1_048_576).toPrecision(3)} MiB`
  if (unit === 'currencyUSD') return `$${Number(text)}`
  if (unit === 'percentunit') return `${(value * 100).toPrecision(3)} %`
  return unit === 'ops' ? `${Number(text)}/s` : String(Number(text))
}

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
