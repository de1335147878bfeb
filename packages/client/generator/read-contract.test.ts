import * as contract from '@mgx/contract'
import { initTRPC } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readContract } from './read-contract.js'
import { writeFiles } from './write-files.js'

const { procedure, router } = initTRPC.create()
const never = (): never => expect.fail('nothing is called while generating')
const written = (procedures: Parameters<typeof router>[0], file: string) =>
  writeFiles(readContract(router(procedures))).get(file) ?? ''

describe('the generator', () => {
  test('keeps the names of the contract, units, bounds, defaults and the place of the key', () => {
    const costs = {
      recordMany: procedure.input(contract.RecordManyInput).output(contract.RecordManyOutput).mutation(never),
      record: procedure.input(contract.RecordCostInput).output(contract.RecordedCost).mutation(never),
    }
    expect(written({ costs }, 'inputs.ts')).toContain(
      [
        '  /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */',
        '  cachedPromptTokens?: number | undefined',
        '  /** USD; without it the call is priced here. */',
        '  totalCost?: string | number | undefined',
      ].join('\n'),
    )
    expect(written({ costs }, 'entities.ts')).toContain('error: { reason: Reason; message: string }')
    const table = written({ costs }, 'procedures.ts')
    expect(table).toContain("'costs.record': { type: 'mutation', takesInput: true, idempotencyKey: 'input' }")
    expect(table).toContain(
      "'costs.recordMany': { type: 'mutation', takesInput: true, idempotencyKey: { each: 'records' } }",
    )
  })

  test('finds the key in every form of an input, and what may be done twice without one', () => {
    const budgets = {
      reserve: procedure.input(contract.ReserveInput).output(contract.ReservationAndBudget).mutation(never),
      release: procedure
        .meta({ idempotent: true })
        .input(contract.ReservationId)
        .output(contract.ReservationAndBudget)
        .mutation(never),
    }
    const table = written({ budgets }, 'procedures.ts')
    expect(table).toContain("'budgets.reserve': { type: 'mutation', takesInput: true, idempotencyKey: 'input' }")
    expect(table).toContain("'budgets.release': { type: 'mutation', takesInput: true, idempotent: true }")
  })

  test('writes a subscription as a stream of what its output says its events are', () => {
    async function* output(): AsyncGenerator<{ n: number }, void> {}
    const ticks = {
      watch: procedure
        .input(contract.CostTotalInput)
        .output(Object.assign(() => output(), { item: contract.CostTotal }))
        .subscription(never),
    }
    expect(written({ ticks }, 'methods.ts')).toContain(
      'watch(input: CostTotalInput, options?: StreamOptions): AsyncIterable<StreamEvent<CostTotal>>',
    )
    expect(written({ ticks }, 'app-router.ts')).toContain('watch: Subscription<CostTotalInput, CostTotal>')
    expect(written({ ticks }, 'procedures.ts')).toContain("'ticks.watch': { type: 'subscription', takesInput: true }")
    const silent = { watch: procedure.input(contract.CostTotalInput).output(output).subscription(never) }
    expect(() => written({ silent }, 'methods.ts')).toThrow('silent.watch: its output does not say what its events are')
  })

  test('names what the contract does not, and writes a description as the doc comment', () => {
    const things = {
      find: procedure
        .meta({ description: 'Finds it' })
        .input(z.strictObject({ of: z.literal("it's").or(z.null()), tags: z.array(z.enum(['a', 'b'])) }))
        .output(contract.pageOf(contract.Project))
        .query(never),
    }
    const methods = written({ things }, 'methods.ts')
    expect(methods).toContain('   * Finds it.\n')
    expect(methods).toContain('  find(input: ThingsFindInput, options?: CallOptions): PagePromise<Project>')
    expect(written({ things }, 'inputs.ts')).toContain("  of: 'it\\'s' | null\n  tags: ('a' | 'b')[]")
  })

  test('leaves the input out where there is nothing to say', () => {
    const system = { ping: procedure.input(z.strictObject({}).optional()).output(contract.Health).query(never) }
    expect(written({ system }, 'methods.ts')).toContain('ping(options?: CallOptions): MgxPromise<Health>')
    expect(written({ system }, 'app-router.ts')).toContain('ping: Query<Record<string, never> | undefined, Health>')
  })

  test('shows a call of each method with the examples of the contract, and none where it has too few', () => {
    const field = z
      .string()
      .max(9)
      .meta({ description: 'Told', examples: ['nine'] })
    const things = {
      make: procedure
        .input(z.strictObject({ field, other: field.optional() }))
        .output(contract.Project)
        .mutation(never),
      find: procedure.input(contract.ProjectId).output(contract.pageOf(contract.Project)).query(never),
      pay: procedure.input(contract.AdjustCostInput).output(contract.RecordedCost).mutation(never),
      lose: procedure
        .input(z.strictObject({ of: z.string() }))
        .output(contract.Project)
        .mutation(never),
    }
    const methods = written({ things }, 'methods.ts')
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

  test('the hash follows the shapes and not the words', () => {
    const hash = (description: string, max: number) =>
      readContract(
        router({
          a: {
            b: procedure
              .meta({ description })
              .input(
                z.strictObject({
                  c: z
                    .string()
                    .max(max)
                    .meta({ description, examples: [description] }),
                }),
              )
              .output(contract.Health)
              .query(never),
          },
        }),
      ).hash
    expect(hash('one', 5)).toBe(hash('other', 5))
    expect(hash('one', 5)).not.toBe(hash('one', 6))
  })

  test.each([
    ['no output', { b: procedure.query(() => 1) }, 'a.b: its output is not a zod schema'],
    [
      'two inputs',
      {
        b: procedure
          .input(z.object({}))
          .input(z.object({}))
          .query(() => 1),
      },
      'a.b: takes 2 inputs',
    ],
    [
      'an output that may be missing',
      { b: procedure.output(z.string().optional()).query(never) },
      'a.b: may answer nothing',
    ],
    ['a tuple', { b: procedure.output(z.tuple([z.string()])).query(never) }, 'An array without items'],
    ['what cannot be', { b: procedure.output(z.object({ a: z.never() })).query(never) }, 'No TypeScript'],
  ])('refuses %s rather than promising the wrong thing', (_, a, message) => {
    expect(() => writeFiles(readContract(router({ a })))).toThrow(message)
  })

  test('refuses one name for two shapes', () => {
    const twice = {
      b: procedure
        .input(contract.UserId)
        .output(z.object({ id: z.string() }).meta({ id: 'UserId2' }))
        .query(never),
    }
    const other = { c: procedure.output(z.object({ id: z.number() }).meta({ id: 'UserId3' })).query(never) }
    expect(() => readContract(router({ a: twice, d: other }))).not.toThrow()
    const sides = z.object({ n: z.string().default('x') }).meta({ id: 'Sides' })
    const both = { e: procedure.input(sides).output(sides).query(never) }
    expect(() => readContract(router({ a: both }))).toThrow('Sides: differs between input and output')
  })
})
