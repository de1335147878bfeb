import { DomainError, MAX_NANO_USD } from '@mgx/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Books, decide, type ProjectAccount, type RecordOperation, type UserAccount } from './core.js'

/** Two users; projects 1 and 2 are the first one's, 3 is the second one's; 4 does not exist. */
const owner: Record<number, number> = { 1: 1, 2: 1, 3: 2 }

function books(spent = 0n): Books<never> {
  const projects = [1, 2, 3].map(
    (id): ProjectAccount => ({ id, userId: owner[id] ?? 0, limit: 100n, spent, reserved: 0n }),
  )
  const users: UserAccount[] = [
    { id: 1, spent: 2n * spent },
    { id: 2, spent },
  ]
  return {
    projects: new Map(projects.map((project) => [project.id, project])),
    users: new Map(users.map((user) => [user.id, user])),
    answers: new Map(),
  }
}

function operation(changes: Partial<RecordOperation> = {}): RecordOperation {
  const usage = { model: 'gpt-4o', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, actionType: null }
  const price = { amount: 5n, source: 'caller' } as const
  return { scope: {}, projectId: 1, usage, price, idempotencyKey: null, requestHash: 'a', ...changes }
}

const operations = fc.array(
  fc
    .record({
      projectId: fc.integer({ min: 1, max: 4 }),
      amount: fc.oneof(fc.bigInt({ min: 0n, max: 200n }), fc.constant(MAX_NANO_USD)),
      priced: fc.boolean(),
      scope: fc.constantFrom({}, { userId: 1 }, { userId: 2 }, { userId: 1, projectId: 2 }),
      idempotencyKey: fc.option(fc.constantFrom('x', 'y', 'z')),
      requestHash: fc.constantFrom('a', 'b'),
    })
    .map(({ amount, priced, ...rest }) =>
      operation({ ...rest, price: priced ? { amount, source: 'caller' } : new DomainError('unknown_model', 'none') }),
    ),
  { maxLength: 40 },
)

const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

describe('any group of operations', () => {
  test('leaves totals that are the sums of the charges, for projects and users', () => {
    fc.assert(
      fc.property(operations, (group) => {
        const { charges, projects, users } = decide(books(7n), group)
        for (const project of projects.values()) {
          const own = charges.filter(({ operation }) => operation.projectId === project.id)
          expect(project.spent).toBe(7n + sum(own.map(({ price }) => price.amount)))
        }
        for (const user of users.values()) {
          const own = charges.filter(({ operation }) => owner[operation.projectId] === user.id)
          expect(user.spent).toBe((user.id === 1 ? 14n : 7n) + sum(own.map(({ price }) => price.amount)))
          expect(user.spent <= MAX_NANO_USD).toBe(true)
        }
      }),
    )
  })

  test('gives one outcome an operation, and one charge a key', () => {
    fc.assert(
      fc.property(operations, (group) => {
        const { charges, outcomes } = decide(books(), group)
        expect(outcomes).toHaveLength(group.length)
        const keys = charges.flatMap(({ operation: { projectId, idempotencyKey } }) =>
          idempotencyKey === null ? [] : [`${projectId}:${idempotencyKey}`],
        )
        expect(new Set(keys).size).toBe(keys.length)
        const charged = outcomes.flatMap((outcome) => (outcome.kind === 'charged' ? [outcome.index] : []))
        expect(new Set(charged)).toEqual(new Set(charges.keys()))
      }),
    )
  })

  test('decides each operation as if it came alone after the ones before', () => {
    fc.assert(
      fc.property(operations, (group) => {
        const together = decide(books(), group)
        let before: Books<never> = books()
        const spentAlone = group.map((single, index) => {
          const upTo = decide(books(), group.slice(0, index + 1))
          const outcome = upTo.outcomes[index]
          before = { ...before, projects: new Map([...before.projects, ...upTo.projects]) }
          return { kind: outcome?.kind, spent: before.projects.get(single.projectId)?.spent }
        })
        expect(together.outcomes.map(({ kind }) => kind)).toEqual(spentAlone.map(({ kind }) => kind))
      }),
    )
  })
})

test('a key again answers the first charge; with other content it is refused and nothing changes', () => {
  const { outcomes, charges } = decide(books(), [
    operation({ idempotencyKey: 'x' }),
    operation({ idempotencyKey: 'x' }),
    operation({ idempotencyKey: 'x', requestHash: 'b' }),
    operation({ idempotencyKey: 'x', projectId: 2, requestHash: 'b' }),
  ])
  expect(charges).toHaveLength(2)
  expect(outcomes[1]).toBe(outcomes[0])
  expect(outcomes[2]).toMatchObject({ kind: 'refused', error: { reason: 'idempotency_mismatch' } })
  expect(outcomes[3]).toMatchObject({ kind: 'charged', index: 1 })
})

test('a stored answer is repeated even when the model has no price any more', () => {
  const outcome = { kind: 'repeated', written: 'the first answer' } as const
  const answers = new Map([['1:x', { requestHash: 'a', outcome }]])
  const unpriced = operation({ idempotencyKey: 'x', price: new DomainError('unknown_model', 'none') })
  const { outcomes, charges } = decide({ ...books(), answers }, [unpriced])
  expect(outcomes).toEqual([outcome])
  expect(charges).toEqual([])
})

test('a refusal does not use its key up', () => {
  const unpriced = operation({ idempotencyKey: 'x', price: new DomainError('unknown_model', 'none') })
  const { outcomes } = decide(books(), [unpriced, operation({ idempotencyKey: 'x', requestHash: 'b' })])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'charged'])
})

test("another tenant's project answers like one that does not exist", () => {
  const { outcomes } = decide(books(), [
    operation({ scope: { userId: 2 } }),
    operation({ projectId: 4 }),
    operation({ scope: { userId: 1, projectId: 2 } }),
  ])
  for (const outcome of outcomes)
    expect(outcome).toEqual({ kind: 'refused', error: new DomainError('not_found', 'project not found') })
})

test('a cost is written past the limit, and after it', () => {
  const { projects } = decide(books(), [operation({ price: { amount: 150n, source: 'caller' } }), operation()])
  expect(projects.get(1)?.spent).toBe(155n)
})

test('a total past 2^53 nano-USD is refused and leaves its neighbours alone', () => {
  const { outcomes, users } = decide(books(), [
    operation(),
    operation({ projectId: 2, price: { amount: MAX_NANO_USD, source: 'caller' } }),
    operation(),
  ])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['charged', 'refused', 'charged'])
  expect(users.get(1)?.spent).toBe(10n)
})
