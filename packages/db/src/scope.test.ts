import knex from 'knex'
import { expect, test } from 'vitest'
import { getProject, listUsers } from './index.js'
import { EVERYTHING, narrow, type Scope, scopeTo } from './scope.js'

const builder = knex({ client: 'pg' })
const rows = (scope: Scope, columns: { userId: string; projectId?: string }) =>
  narrow(builder('rows').select('id'), scope, columns).toQuery().replace('select "id" from "rows"', '').trim()

test.each([
  ['everything', EVERYTHING, ''],
  ['a user', scopeTo({ userId: 1 }), 'where "user_id" = 1'],
  ['a project', scopeTo({ projectId: 2 }), 'where "project_id" = 2'],
  ['a user in a project', scopeTo({ userId: 1, projectId: 2 }), 'where "user_id" = 1 and "project_id" = 2'],
])('the scope of %s narrows by the given columns', (_, scope, where) => {
  expect(rows(scope, { userId: 'user_id', projectId: 'project_id' })).toBe(where)
})

test('rows without a project are in no scope that is bound to a project', () => {
  expect(rows(scopeTo({ projectId: 2 }), { userId: 'user_id' })).toBe('where 1 = 0')
  expect(rows(scopeTo({ userId: 1, projectId: 2 }), { userId: 'user_id' })).toBe('where "user_id" = 1 and 1 = 0')
})

test('no other object passes for a scope', () => {
  const mistakes = [
    // @ts-expect-error an empty object is not everything
    () => listUsers(builder, {}, { limit: 1 }),
    // @ts-expect-error an object shaped like a scope is not a scope
    () => getProject(builder, { userId: 1 }, 1),
    // @ts-expect-error a scope needs a user or a project
    () => scopeTo({}),
  ]
  expect(mistakes).toHaveLength(3)
})
