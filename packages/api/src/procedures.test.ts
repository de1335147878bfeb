import { expect, test } from 'vitest'
import { procedures } from './procedures.js'

test.each([...procedures])('%s says what it does', (_, { meta }) => {
  expect(meta.description).toMatch(/^[A-Z].*\.$/)
})

test('the router holds the procedures callers were promised', () => {
  expect([...procedures.keys()]).toEqual([
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
