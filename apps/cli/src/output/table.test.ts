import { expect, test } from 'vitest'
import { type Column, columnsAt, rowSchema } from '../contract/columns.js'
import { bar, segments } from './bar.js'
import { cellText } from './cell.js'
import { csvLine } from './csv.js'
import { tableLines } from './table.js'
import { fit, widthOf } from './text-width.js'
import { timeAgo } from './time-ago.js'

const COLUMNS: Column[] = [
  { path: 'id', kind: 'number' },
  { path: 'name', kind: 'text' },
  { path: 'totalCost', kind: 'usd' },
]
const ROWS = [
  { id: 1, name: '贪吃蛇游戏，在终端里玩', totalCost: '0.000000001' },
  { id: 12, name: 'A snake game\u001b[31m in\nred', totalCost: '1234.5' },
]
const plain = { now: undefined, paint: (text: string) => text }

test('a table aligns Chinese text and the points of exact amounts', () => {
  expect(tableLines(COLUMNS, ROWS, { ...plain, width: undefined })).toEqual([
    'id  name                            total cost',
    ' 1  贪吃蛇游戏，在终端里玩        $0.000000001',
    '12  A snake game [31m in red  $1,234.50',
  ])
})

test('an id is shown as commands take it, and a count as people read it', () => {
  const [id, prompt] = ['id', 'promptTokens'].map((path) => columnsAt(rowSchema('costs.list'), [path])[0] as Column)
  expect([id?.kind, ...columnsAt(rowSchema('costs.list'), ['projectId']).map(({ kind }) => kind)]).toEqual(['id', 'id'])
  const lines = tableLines([id as Column, prompt as Column], [{ id: 12345, promptTokens: 12345 }], {
    ...plain,
    width: undefined,
  })
  expect(lines[1]).toBe('12345         12,345')
})

test('a table has any number of rows', () => {
  const rows = Array.from({ length: 150_000 }, () => ({ totalCost: '1' }))
  expect(tableLines([{ path: 'totalCost', kind: 'usd' }], rows, { ...plain, width: 80 })).toHaveLength(150_001)
})

test('the head of a column is the end of its path, unless another column has the same end', () => {
  const columns: Column[] = ['price', 'override.price', 'override.model'].map((path) => ({ path, kind: 'text' }))
  const row = { price: '1', override: { price: '2', model: 'm' } }
  expect(tableLines(columns, [row], { ...plain, width: undefined })).toEqual([
    'price  override › price  model',
    '1      2                 m',
  ])
})

test('the head of a column is broken before text is cut', () => {
  expect(tableLines(COLUMNS, [{ id: 1, name: 'A snake game', totalCost: '1' }], { ...plain, width: 23 })).toEqual([
    '                  total',
    'id  name           cost',
    ' 1  A snake game  $1.00',
  ])
})

test('a table is as narrow as the terminal, and figures stay whole', () => {
  for (const width of [29, 33, 40, 80]) {
    const lines = tableLines(COLUMNS, ROWS, { ...plain, width })
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
    expect(lines.join('\n')).toContain('$0.000000001')
    expect(lines.join('\n')).toContain('$1,234.50')
  }
  expect(tableLines(COLUMNS, ROWS, { ...plain, width: 33 })[1]).toContain('…')
})

test('what is too narrow for a table is a block of lines a row', () => {
  expect(tableLines(COLUMNS, ROWS.slice(0, 1), { ...plain, width: 24 })).toEqual([
    'id          1',
    'name        贪吃蛇游戏…',
    'total cost  $0.000000001',
  ])
})

test('text is cut between characters', () => {
  expect(fit('👩‍💻👩‍💻', 3)).toBe('👩‍💻…')
  expect(fit('蛇蛇', 3)).toBe('蛇…')
  expect(fit('蛇蛇', 4)).toBe('蛇蛇')
})

test('amounts are exact, and times relative', () => {
  expect(cellText('9007199.000000001', 'usd', undefined)).toBe('$9,007,199.000000001')
  expect(cellText('-0.5', 'usd', undefined)).toBe('-$0.50')
  const now = Date.parse('2026-11-29T12:00:00.000Z')
  expect(timeAgo('2026-11-29T11:57:00.000Z', now)).toBe('3 min. ago')
  expect(timeAgo('2026-11-29T14:00:00.000Z', now)).toBe('in 2 hr.')
  expect(timeAgo('2026-01-01T00:00:00.000Z', now)).toBe('2026-01-01')
})

test('CSV quotes what it must, and holds no formulas', () => {
  expect(csvLine(['a,b', 'say "x"', null, 5, '-0.5', '=1+1', ['x']])).toBe(
    `"a,b","say ""x""",,5,-0.5,'=1+1,"[""x""]"\n`,
  )
})

test('bars fill their width', () => {
  expect(bar(1, 4)).toBe('████')
  expect(bar(0.5, 3)).toBe('█▌')
  expect(bar(0.0001, 4)).toBe('▏')
  expect(bar(0, 4)).toBe('')
  for (const shares of [
    [0, 0, 1],
    [0.333, 0.333, 0.334],
    [0.0001, 0.9, 0.0999],
  ])
    expect(segments(shares, 40).reduce((sum, each) => sum + each)).toBe(40)
})
