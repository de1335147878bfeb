import * as contract from '@mgx/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { differing } from '../../../tooling/emit.js'
import { type Procedure, procedures } from '../src/procedures.js'
import { contractDocument, contractFiles } from './contract-document.js'

const find: Procedure = {
  type: 'query',
  input: contract.ProjectId,
  output: contract.Project,
  meta: { authority: 'read', description: 'Finds it.' },
}
const documentOf = (...others: Partial<Procedure>[]) =>
  contractDocument(new Map(others.map((other, index) => [`things.find${index}`, { ...find, ...other }])))

test('the generated files are up to date with the router', async () => {
  expect(await differing(new URL('../src/generated/', import.meta.url), contractFiles(procedures))).toEqual([])
})

test('finds the key in every form of an input, or on the rows of a list', () => {
  const inputs = [contract.ReserveInput, contract.RecordManyInput, contract.ReservationId]
  const document = documentOf(...inputs.map((input) => ({ input })))
  const places = Object.values(document.procedures).map(({ idempotencyKey }) => idempotencyKey)
  expect(places).toEqual(['input', { each: 'records' }, undefined])
})

test('the hash changes with schemas and authority, but not with wording', () => {
  const hash = (words: string, max: number) => {
    const input = z.object({
      root: z
        .string()
        .max(max)
        .meta({ description: words, examples: [words] }),
    }).shape.root
    return documentOf({ input, meta: { authority: 'read', description: words } }).hash
  }
  expect(hash('one', 5)).toBe(hash('other', 5))
  expect(hash('one', 5)).not.toBe(hash('one', 6))
  expect(documentOf({ meta: { authority: 'write', description: 'Finds it.' } }).hash).not.toBe(documentOf({}).hash)
})

test.each<[string, Partial<Procedure>, RegExp]>([
  ['an output that may be undefined', { output: z.string().optional() }, /^things.find0: may return undefined/],
  ['an object without a name', { input: z.object({ a: z.string() }) }, /^things.find0: takes or returns an object/],
  ['a type that JSON Schema cannot express', { output: z.date() }, /Date cannot be represented/],
])('refuses %s', (_, other, message) => {
  expect(() => documentOf(other)).toThrow(message)
})

test('refuses a path that is not namespace.method, and one name for two schemas', () => {
  expect(() => contractDocument(new Map([['find', find]]))).toThrow('find: must be namespace.method')
  expect(() => documentOf({ output: contract.ListUsersInput }, { input: contract.ListUsersInput })).toThrow(
    'ListUsersInput: has different input and output forms',
  )
})
