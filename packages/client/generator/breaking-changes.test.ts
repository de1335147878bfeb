import type { DescribedProcedure } from '@mgx/contract/contract-document'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { breakingChanges } from './breaking-changes.js'
import { currentDocument } from './contract.js'

const text = { type: 'string' } as const
const ask: DescribedProcedure = {
  type: 'query',
  description: '',
  authority: 'read',
  input: text,
  inputOptional: false,
  output: text,
  idempotent: false,
}
const contractOf = (things: Record<string, DescribedProcedure>) => ({
  ...currentDocument,
  procedures: Object.fromEntries(Object.entries(things).map(([name, procedure]) => [`things.${name}`, procedure])),
})
const taking = (input: z.ZodType) => {
  const inputOptional = input.safeParse(undefined).success
  return contractOf({ do: { ...ask, input: z.toJSONSchema(input, { io: 'input' }), inputOptional } })
}
const answering = (output: z.ZodType) => contractOf({ do: { ...ask, output: z.toJSONSchema(output) } })

test('a contract does not break itself', () => {
  expect(breakingChanges(currentDocument, currentDocument)).toEqual([])
})

const base = { name: z.string().max(10), size: z.int().min(0).optional() }

test.each<[string, z.ZodType, z.ZodType, RegExp | undefined]>([
  ['a new optional field', z.strictObject(base), z.strictObject({ ...base, more: z.string().optional() }), undefined],
  ['a wider bound', z.strictObject(base), z.strictObject({ ...base, name: z.string().max(20) }), undefined],
  [
    'one more alternative',
    z.strictObject(base),
    z.strictObject({ ...base, name: z.string().max(10).nullable() }),
    undefined,
  ],
  ['one more value', z.enum(['a', 'b']), z.enum(['a', 'b', 'c']), undefined],
  [
    'a field that is removed',
    z.strictObject(base),
    z.strictObject({ name: base.name }),
    /things\.do: input: .*it\.size is unknown/,
  ],
  [
    'a field that becomes required',
    z.strictObject(base),
    z.strictObject({ ...base, size: z.int().min(0) }),
    /it\.size may be missing/,
  ],
  [
    'a tighter bound',
    z.strictObject(base),
    z.strictObject({ ...base, name: z.string().max(5) }),
    /it\.name may violate its maxLength of 5/,
  ],
  ['a new bound', z.array(z.string()), z.array(z.string()).max(3), /it may violate its maxItems of 3/],
  [
    'another type',
    z.strictObject(base),
    z.strictObject({ ...base, name: z.number() }),
    /it\.name may be string, not only number/,
  ],
  ['one value fewer', z.enum(['a', 'b']), z.enum(['a']), /it may be "b"/],
  ['one alternative fewer', z.union([z.string(), z.number()]), z.string(), /it may be number, not only string/],
  [
    'a field that is removed inside a list',
    z.array(z.strictObject(base)),
    z.array(z.strictObject({ name: base.name })),
    /it\[\]\.size is unknown/,
  ],
  [
    'tighter values in a record',
    z.record(z.string(), z.number().max(9)),
    z.record(z.string(), z.number().max(5)),
    /it\{value\} may violate its maximum of 5/,
  ],
  [
    'tighter keys in a record',
    z.record(z.string().max(9), z.number()),
    z.record(z.string().max(5), z.number()),
    /it\{name\} may violate its maxLength of 5/,
  ],
  ['a call without input', z.strictObject(base).optional(), z.strictObject(base), /is now required/],
])('an input with %s', (_, released, current, line) => {
  expect(breakingChanges(taking(released), taking(current))).toEqual(line ? [expect.stringMatching(line)] : [])
})

test.each<[string, z.ZodType, z.ZodType, RegExp | undefined]>([
  ['one more field', z.object({ a: z.string() }), z.object({ a: z.string(), b: z.string() }), undefined],
  ['one value fewer', z.enum(['a', 'b']), z.enum(['a']), undefined],
  [
    'a field that is removed',
    z.object({ a: z.string(), b: z.string() }),
    z.object({ a: z.string() }),
    /output: .*it\.b may be missing/,
  ],
  [
    'a field that may be null',
    z.object({ a: z.string() }),
    z.object({ a: z.string().nullable() }),
    /it\.a may be null/,
  ],
  ['one more value', z.enum(['a']), z.enum(['a', 'b']), /it may be "b"/],
  [
    'a number instead of a string',
    z.object({ a: z.string() }),
    z.object({ a: z.number() }),
    /it\.a may be number, not only string/,
  ],
])('an output with %s', (_, released, current, line) => {
  expect(breakingChanges(answering(released), answering(current))).toEqual(line ? [expect.stringMatching(line)] : [])
})

test('an idempotent procedure that no longer is', () => {
  const released = contractOf({ free: { ...ask, idempotent: true } })
  const current = contractOf({ free: ask })
  expect(breakingChanges(released, current)).toEqual([expect.stringMatching(/^things\.free: is no longer idempotent/)])
  expect(breakingChanges(current, released)).toEqual([])
})

test('procedures and reasons that are removed or changed', () => {
  const released = contractOf({ ask, gone: ask })
  const current = contractOf({ ask: { ...ask, type: 'mutation' } })
  expect(breakingChanges(released, current)).toEqual([
    'things.ask: changed from a query to a mutation',
    'things.gone: was removed',
  ])
  const { not_found, ...reasons } = current.reasons
  expect(breakingChanges(current, { ...current, reasons })).toEqual([
    'reason not_found: status changed from 404 to none',
  ])
})
