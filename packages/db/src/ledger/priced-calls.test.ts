import type { SetPriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { openDatabase } from '../database.js'
import { EVERYTHING } from '../scope.js'
import { setPrice } from '../stores/prices.js'
import { createUser } from '../stores/users.js'
import { testDatabases } from '../testing/index.js'
import { createLedger, type Ledger } from './ledger.js'
import { createProject } from './projects.js'

describe.each(testDatabases)('calls priced by the ledger on $name', (database) => {
  let here: Knex
  let elsewhere: Knex
  let ledger: Ledger
  let userId: number
  let projectId: number
  const requester = { actor: 'test', credential: null, requestId: 'test', address: null }
  const tokens = { promptTokens: 1_000_000, completionTokens: 0, cachedPromptTokens: 0 }
  const elsewhereSet = (price: Omit<SetPriceInput, 'outputPrice'>) =>
    setPrice(elsewhere, { ...price, outputPrice: '1' }, requester)

  const newProject = async () =>
    (await createProject(here, userId, { name: 'Snake', idea: 'A game', investment: '3' }, SYSTEM)).id

  beforeAll(async () => {
    const url = await database.migratedUrl()
    here = await openDatabase(url)
    elsewhere = await openDatabase(url)
    const zoe = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
    userId = (await createUser(here, zoe, SYSTEM)).id
    projectId = await newProject()
    ledger = createLedger(here)
  })
  afterAll(async () => {
    await here?.destroy()
    await elsewhere?.destroy()
  })

  test('an override set by another process always applies to the next call', async () => {
    const call = { projectId, model: 'shared', ...tokens }
    await expect(ledger.record(EVERYTHING, call)).rejects.toMatchObject({ reason: 'unknown_model' })
    for (const inputPrice of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']) {
      await elsewhereSet({ model: call.model, inputPrice })
      const answers = await Promise.all(Array.from({ length: 5 }, () => ledger.record(EVERYTHING, call)))
      expect(answers.map(({ record }) => record.totalCost)).toEqual(Array(5).fill(inputPrice))
    }
  })

  test('an override applies from its start until its end', async () => {
    const call = { projectId, model: 'gpt-4o', ...tokens }
    const priced = async () => {
      const { record } = await ledger.record(EVERYTHING, call)
      return `${record.priceSource} ${record.totalCost}`
    }
    const { id, effectiveFrom } = await elsewhereSet({ model: call.model, inputPrice: '1' })
    await elsewhereSet({ model: call.model, inputPrice: '9', effectiveFrom: '2099-01-01T00:00:00.000Z' })
    expect(await priced()).toBe('override 1')
    const moments = { past: new Date(Date.parse(effectiveFrom) + 1).toISOString(), future: '2098-01-01T00:00:00.000Z' }
    await here('prices').where({ id }).update({ effectiveTo: moments.past })
    expect(await priced()).toBe('catalogue 2.5')
    await here('prices')
      .where({ id })
      .update({ effectiveTo: '2099-01-01T00:00:00.000Z', effectiveFrom: moments.future })
    expect(await priced()).toBe('catalogue 2.5')
  })

  test('a repeated key returns the first result, even after the price has changed', async () => {
    const call = { projectId, model: 'fleeting', ...tokens }
    const tokensHeld = { model: call.model, maxPromptTokens: 1, maxCompletionTokens: 0 }
    const hold = { projectId: await newProject(), ...tokensHeld, ttlSeconds: 60 }
    await elsewhereSet({ model: call.model, inputPrice: '1' })
    const first = await ledger.record(EVERYTHING, { ...call, idempotencyKey: 'call' })
    const held = await ledger.reserve(EVERYTHING, { ...hold, idempotencyKey: 'hold' })
    const again = async () => {
      expect(await ledger.record(EVERYTHING, { ...call, idempotencyKey: 'call' })).toEqual(first)
      expect(await ledger.reserve(EVERYTHING, { ...hold, idempotencyKey: 'hold' })).toEqual(held)
    }
    await elsewhereSet({ model: call.model, inputPrice: '2' })
    await again()
    await here('prices').where({ model: call.model }).delete()
    await again()
    expect(await refusalOf(ledger.record(EVERYTHING, call))).toBe('unknown_model')
    expect(await refusalOf(ledger.reserve(EVERYTHING, hold))).toBe('unknown_model')
  })

  test('a call for a project that does not exist is not found, priced or not', async () => {
    const call = { projectId: 9_999, model: 'gpt-4o', ...tokens }
    expect(await refusalOf(ledger.record(EVERYTHING, call))).toBe('not_found')
    expect(await refusalOf(ledger.record(EVERYTHING, { ...call, model: 'no-such-model' }))).toBe('not_found')
  })
})

async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: { reason: unknown }) => error.reason,
  )
}
