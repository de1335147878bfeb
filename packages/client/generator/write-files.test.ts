import type { DescribedProcedure, JsonSchema, JsonSchemas } from '@mgx/contract/contract-document'
import { describe, expect, test } from 'vitest'
import { currentDocument, readContract } from './contract.js'
import { writeFiles } from './write-files.js'

const Project: JsonSchema = { $ref: '#/$defs/Project' }
const find: DescribedProcedure = {
  type: 'query',
  description: 'Finds it',
  authority: 'read',
  input: { $ref: '#/$defs/ProjectId' },
  inputOptional: false,
  output: Project,
  idempotent: false,
}
const pageOf = (row: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { items: { type: 'array', items: row }, nextCursor: { type: ['string', 'null'] } },
  required: ['items', 'nextCursor'],
})
const object = (properties: JsonSchemas): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

const current = writeFiles(readContract(currentDocument))
/** Returns a generated file for a contract with these procedures and additional types. */
const written = (procedures: Record<string, DescribedProcedure>, file: string, types: JsonSchemas = {}) =>
  writeFiles(readContract({ ...currentDocument, procedures, $defs: { ...currentDocument.$defs, ...types } })).get(file)

describe('the generator', () => {
  test('keeps names, units, bounds, defaults and the place of the idempotency key', () => {
    for (const [doc, field] of [
      [
        'How many of the prompt tokens came from the cache. At least 0. Default: 0.',
        'cachedPromptTokens?: number | undefined',
      ],
      ['USD. Without it, the server prices the call.', 'totalCost?: string | number | undefined'],
    ]) {
      expect(current.get('inputs.ts')).toContain(`  /** ${doc} */\n  ${field}\n`)
    }
    expect(current.get('entities.ts')).toContain('error: { reason: Reason; message: string }')
    for (const row of [
      "'costs.record': { type: 'mutation', takesInput: true, idempotencyKey: 'input' }",
      "'costs.recordMany': { type: 'mutation', takesInput: true, idempotencyKey: { each: 'records' } }",
      "'budgets.reserve': { type: 'mutation', takesInput: true, idempotencyKey: 'input' }",
      "'budgets.release': { type: 'mutation', takesInput: true, idempotent: true }",
      "'costs.watch': { type: 'subscription', takesInput: true }",
    ])
      expect(current.get('procedures.ts')).toContain(row)
  })

  test('writes a subscription as a stream of its events', () => {
    expect(current.get('methods.ts')).toContain(
      'watch(input: WatchCostsInput, options?: StreamOptions): AsyncIterable<StreamEvent<WatchedCost>>',
    )
    expect(current.get('app-router.ts')).toContain('watch: Subscription<WatchCostsInput, WatchedCost>')
  })

  test('omits the input parameter when the input has no fields', () => {
    expect(current.get('methods.ts')).toContain('health(options?: CallOptions): MgxPromise<Health>')
    expect(current.get('app-router.ts')).toContain('health: Query<Record<string, never> | undefined, Health>')
  })

  test('writes descriptions as doc comments, and literals, unions and arrays', () => {
    const things = { 'things.find': { ...find, input: { $ref: '#/$defs/Wanted' }, output: pageOf(Project) } }
    const Wanted = object({
      of: { anyOf: [{ const: "it's" }, { type: 'null' }] },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
    })
    const methods = written(things, 'methods.ts', { Wanted })
    expect(methods).toContain('   * Finds it.\n')
    expect(methods).toContain('  find(input: Wanted, options?: CallOptions): PagePromise<Project>')
    expect(written(things, 'inputs.ts', { Wanted })).toContain("  of: 'it\\'s' | null\n  tags: ('a' | 'b')[]")
  })

  test('shows an example call of each method, unless the contract has too few examples', () => {
    const Thing = object({ field: { type: 'string', examples: ['nine'] } })
    const Untold = object({ of: { type: 'string' } })
    const things = {
      'things.make': { ...find, input: { $ref: '#/$defs/Thing' } },
      'things.find': { ...find, output: pageOf(Project) },
      'things.pay': { ...find, input: { $ref: '#/$defs/AdjustCostInput' }, output: { $ref: '#/$defs/RecordedCost' } },
      'things.lose': { ...find, input: { $ref: '#/$defs/Untold' } },
    }
    const methods = written(things, 'methods.ts', { Thing, Untold })
    expect(methods).toContain(" * @example\n   * const project = await mgx.things.make({ field: 'nine' })\n")
    expect(methods).toContain('for await (const project of mgx.things.find({ id: 1 })) console.log(project)')
    expect(methods).toContain(
      [
        '   * const { record, budget } = await mgx.things.pay({',
        '   *   projectId: 1,',
        "   *   totalCost: '2.5',",
        "   *   reason: 'The provider gave money back',",
        '   * })',
      ].join('\n'),
    )
    expect(methods).not.toContain('mgx.things.lose')
  })

  test.each<[string, JsonSchema, string]>([
    ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }] }, 'An array without items'],
    ['an unsupported schema', { not: {} }, 'No TypeScript'],
  ])('rejects %s rather than generating a wrong type', (_, output, message) => {
    expect(() => written({ 'a.b': { ...find, output } }, 'methods.ts')).toThrow(message)
  })
})
