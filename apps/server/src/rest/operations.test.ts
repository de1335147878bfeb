import { procedures } from '@mgx/api'
import { expect, test } from 'vitest'
import { operations } from './operations.js'

const placeOf = ({ method, template }: { method: string; template: string }) => `${method} ${template}`

test('every procedure that is not a subscription has a place', () => {
  const wanted = [...procedures].filter(([, { type }]) => type !== 'subscription').map(([path]) => path)
  expect([...new Set(operations.map(({ path }) => path))]).toEqual(wanted)
})

test('places and ids are unique, whatever the names of their fields', () => {
  const places = operations.map((operation) => placeOf(operation).replaceAll(/\{\w+\}/g, '{}'))
  expect(new Set(places).size).toBe(operations.length)
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
})

test('queries use GET, except for the one whose input is a secret; mutations do not', () => {
  const unlike = operations.filter(({ type, method }) => (type === 'query') !== (method === 'GET'))
  expect(unlike.map(({ path }) => path)).toEqual(['sessions.verify'])
})

test('updates use PATCH, all other mutations POST', () => {
  const patched = operations.filter(({ method }) => method === 'PATCH').map(({ path }) => path)
  expect(patched).toEqual(['users.update', 'projects.update', 'projects.updateStatus'])
})

test('the endpoints of the predecessor have their counterparts', () => {
  expect(operations.map(placeOf)).toEqual(
    expect.arrayContaining([
      'POST /api/users',
      'GET /api/users/{id}',
      'POST /api/projects',
      'GET /api/projects/{id}',
      'GET /api/users/{userId}/projects',
    ]),
  )
})

test('fields in a URL are texts, numbers, or lists of texts', () => {
  for (const { path, parameters } of operations) {
    for (const { name, schema } of parameters) {
      const isText = schema.type === 'string' || schema.$ref !== undefined
      expect(isText || schema.type === 'integer' || schema.type === 'array', `${path} ${name}`).toBe(true)
    }
  }
})
