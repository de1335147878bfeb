import { describe, expect, test } from 'vitest'
import { appRouter } from './root.js'

type Definition = { inputs: unknown[]; output?: unknown; meta?: { description?: string } }
const procedures = Object.entries(appRouter._def.procedures).map(
  ([path, procedure]) => [path, (procedure as unknown as { _def: Definition })._def] as const,
)

describe('every procedure', () => {
  test.each(procedures)('%s checks its input and its output, and says what it does', (_, { inputs, output, meta }) => {
    expect(inputs).toHaveLength(1)
    expect(output).toBeDefined()
    expect(meta?.description).toMatch(/^[A-Z].*\.$/)
  })
})

test('the router holds the procedures callers were promised', () => {
  expect(procedures.map(([path]) => path)).toEqual([
    'system.health',
    'system.verify',
    'users.create',
    'users.get',
    'users.getByUsername',
    'users.me',
    'users.list',
    'users.update',
    'apiKeys.create',
    'apiKeys.list',
    'apiKeys.rotate',
    'apiKeys.revoke',
    'projects.create',
    'projects.get',
    'projects.list',
    'projects.update',
    'projects.updateStatus',
    'costs.record',
    'costs.recordMany',
    'costs.recordUsage',
    'costs.list',
    'costs.total',
    'costs.watch',
    'costs.adjust',
    'budgets.get',
    'budgets.reserve',
    'budgets.settle',
    'budgets.release',
    'budgets.extend',
    'sessions.create',
    'sessions.get',
    'sessions.list',
    'sessions.verify',
    'sessions.extend',
    'sessions.close',
    'prices.quote',
    'prices.list',
    'prices.set',
    'reports.spend',
    'reports.projects',
    'reports.users',
  ])
})
