import type { Budget, CostRecord, Project, Reservation } from '@mgx/client'
import { expect, test } from 'vitest'
import { widthOf } from '../output/text-width.js'
import { frameLines } from './run-frame.js'
import { costOfLastMinute, type RunState, withRecord } from './run-state.js'

const NOW = Date.parse('2026-11-29T12:00:00.000Z')
const budget: Budget = { projectId: 1, limit: '3', spent: '1', reserved: '0.5', remaining: '1.5', exceeded: false }
const project = { id: 1, name: '贪吃蛇\u001b[2J', status: 'running' } as Project
const record = (id: number, createdAt: string) =>
  ({
    id,
    createdAt,
    model: 'gpt-4o',
    actionType: null,
    promptTokens: 1,
    completionTokens: 1,
    totalCost: '0.25',
  }) as CostRecord

const empty: RunState = { project, budget, records: [], holds: [], offset: 0, trouble: undefined }
const size = { columns: 60, rows: 14, now: NOW, paint: (text: string) => text, isLast: false }

test('the bar shows spent, held and free, and the cost is that of the last minute by the clock of the server', () => {
  const records = [record(2, '2026-11-29T12:59:30.000Z'), record(1, '2026-11-29T12:58:00.000Z')]
  const lines = frameLines({ ...empty, records, offset: 3_600_000 }, size)
  expect(lines[0]).toBe('Run 1  贪吃蛇 [2J  running')
  expect(lines[2]).toBe('█'.repeat(20) + '▒'.repeat(10) + '░'.repeat(30))
  expect(lines[3]).toBe('█ spent $1.00  ▒ held $0.50  ░ free $1.50  of $3.00')
  expect(lines[4]).toBe('$0.25 in the last minute')
  expect(lines.join('\n')).toContain('30 sec. ago')
})

test('open holds are above the costs', () => {
  const hold = { id: 7, amount: '0.5', createdAt: '2026-11-29T11:59:50.000Z', expiresAt: '2026-11-29T12:05:00.000Z' }
  const lines = frameLines({ ...empty, holds: [hold as Reservation], records: [record(1, hold.createdAt)] }, size)
  expect(lines.indexOf('Open holds')).toBe(6)
  expect(lines[8]).toMatch(/^10 sec\. ago +7 +\$0\.50 +in 5 min\.$/)
  expect(lines.length).toBeLessThanOrEqual(size.rows)
})

test('a frame fits its terminal, also with a budget that is exceeded', () => {
  const records = Array.from({ length: 40 }, (_, index) => record(index, '2026-11-29T11:00:00.000Z'))
  const exceeded = { ...budget, spent: '5', reserved: '0', remaining: '0', exceeded: true }
  for (const columns of [20, 40, 60, 200]) {
    const lines = frameLines({ ...empty, budget: exceeded, records }, { ...size, columns })
    expect(lines.length).toBeLessThanOrEqual(size.rows)
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
  }
})

test('all costs of the last minute count, and older ones make room', () => {
  const at = (second: number) => new Date(NOW - 120_000 + second * 1_000).toISOString()
  const state = Array.from({ length: 600 }, (_, index) => record(index, at(index / 5))).reduce(
    (before, each) => withRecord(before, each, budget),
    empty,
  )
  expect(costOfLastMinute(state, Date.parse(at(120)))).toBe('75')
  expect(state.records).toHaveLength(301)
})

test('a record that is there already is not there twice', () => {
  const once = withRecord(empty, record(1, '2026-11-29T12:00:00.000Z'), budget)
  expect(withRecord(once, record(1, '2026-11-29T12:00:00.000Z'), budget).records).toHaveLength(1)
})
