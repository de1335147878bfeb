import { expect, test } from 'vitest'
import { procedures } from './procedures.js'
import { procedure } from './trpc.js'

test.each([...procedures])('the description of %s begins with a verb in the third person', (_, { meta }) => {
  expect(meta.description).toMatch(/^[A-Z][a-z]+s [a-z].*\.$/)
})

test('the router has exactly these procedures, each with its authority', () => {
  expect(Object.fromEntries([...procedures].map(([path, { meta }]) => [path, meta.authority]))).toEqual({
    'system.health': 'public',
    'system.verify': 'admin',
    'system.books': 'admin',
    'users.create': 'admin:credentials',
    'users.get': 'user:read',
    'users.getByUsername': 'user:read',
    'users.me': 'user:read',
    'users.list': 'admin',
    'users.update': 'user:write',
    'users.deactivate': 'admin',
    'users.reactivate': 'admin',
    'apiKeys.create': 'credentials:write',
    'apiKeys.list': 'credentials:read',
    'apiKeys.rotate': 'credentials:write',
    'apiKeys.revoke': 'credentials:write',
    'identities.create': 'admin:credentials',
    'identities.list': 'credentials:read',
    'identities.remove': 'admin:credentials',
    'projects.create': 'user:write',
    'projects.get': 'read',
    'projects.list': 'read',
    'projects.count': 'read',
    'projects.update': 'write',
    'projects.updateStatus': 'write',
    'costs.record': 'record',
    'costs.recordMany': 'record',
    'costs.recordUsage': 'record',
    'costs.get': 'read',
    'costs.list': 'read',
    'costs.total': 'read',
    'costs.timeline': 'read',
    'costs.watch': 'read',
    'costs.adjust': 'admin',
    'budgets.get': 'read',
    'budgets.reservations': 'read',
    'budgets.reserve': 'record',
    'budgets.settle': 'record',
    'budgets.release': 'record',
    'budgets.extend': 'record',
    'sessions.create': 'credentials:write',
    'sessions.get': 'read',
    'sessions.list': 'read',
    'sessions.verify': 'read',
    'sessions.extend': 'credentials:write',
    'sessions.close': 'write',
    'prices.quote': 'read',
    'prices.list': 'read',
    'prices.models': 'read',
    'prices.set': 'admin',
    'prices.unknown': 'admin',
    'prices.reprice': 'admin',
    'reports.spend': 'read',
    'reports.projects': 'read',
    'reports.users': 'user:read',
    'reports.overview': 'read',
    'audit.list': 'user:read',
    'audit.failedSignIns': 'admin',
  })
})

test('a procedure needs a known authority', () => {
  // @ts-expect-error: it has no authority
  expect(() => procedure({ description: 'Does it.' })).toThrow('no such authority for the procedure: Does it.')
  // @ts-expect-error: there is no such authority
  expect(() => procedure({ authority: 'anybody', description: 'Does it.' })).toThrow('no such authority')
})
