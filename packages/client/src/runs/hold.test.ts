import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import { BudgetExceededError, type CallUsage, createMgxClient, type MgxClient, UnknownModelError } from '../index.js'
import { failureOf, serverInMemory } from '../testing/client-over.js'
import { countedCalls } from '../testing/counted-calls.js'
import { describeServers } from '../testing/describe-servers.js'

const usage = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.025' }

describeServers('a hold, and a server', (server) => {
  let mgx: MgxClient

  beforeAll(() => {
    mgx = createMgxClient(server)
  })

  const newProject = async () =>
    (await mgx.projects.create({ name: 'Snake', idea: 'A snake game', investment: '1' })).id
  const budgetOf = (projectId: number) => mgx.budgets.get({ projectId })

  async function* stream() {
    yield { text: 'def main(): ' }
    yield { text: '…', usage }
  }

  test('is open for the block that uses it, and settled there', async () => {
    const projectId = await newProject()
    const { mgx: counted, timesOf } = countedCalls(server)
    let text = ''
    {
      await using hold = await counted.budgets.hold({ projectId, estimate: '0.1' })
      expect(hold.reservation).toMatchObject({ amount: '0.1', status: 'held' })
      expect(hold.budget).toEqual(await budgetOf(projectId))
      let used: CallUsage | undefined
      for await (const part of stream()) {
        text += part.text
        used = 'usage' in part ? part.usage : undefined
      }
      const settled = await hold.settle(used ?? usage)
      expect(settled).toMatchObject({ record: { totalCost: '0.025' }, overrun: false, late: false })
    }
    expect(text).toBe('def main(): …')
    expect(timesOf('budgets.release')).toEqual([])
    expect(await budgetOf(projectId)).toMatchObject({ spent: '0.025', reserved: '0' })
  })

  test('is released when the block ends without settling or throws', async () => {
    const projectId = await newProject()
    const thrown = new Error('the stream broke')
    async function useOne(fails: boolean) {
      await using hold = await mgx.budgets.hold({ projectId, estimate: '0.1' })
      expect((await budgetOf(projectId)).reserved).toBe('0.1')
      if (fails) throw thrown
      return hold.reservation.id
    }
    expect(await useOne(false)).toBeGreaterThan(0)
    expect((await budgetOf(projectId)).reserved).toBe('0')
    expect(await failureOf(useOne(true))).toBe(thrown)
    expect((await budgetOf(projectId)).reserved).toBe('0')
  })

  test('is released once, by itself or by its disposal', async () => {
    const projectId = await newProject()
    const { mgx: counted, timesOf } = countedCalls(server)
    {
      await using hold = await counted.budgets.hold({ projectId, estimate: '0.1' })
      expect(await hold.release()).toMatchObject({ reservation: { status: 'released' }, budget: { reserved: '0' } })
    }
    expect(timesOf('budgets.release')).toHaveLength(1)
    const hold = await counted.budgets.hold({ projectId, estimate: '0.1' })
    await hold[Symbol.asyncDispose]()
    await hold[Symbol.asyncDispose]()
    expect(timesOf('budgets.release')).toHaveLength(2)
  })

  test('whose release fails throws nothing of its own', async () => {
    const projectId = await newProject()
    const cut = createMgxClient({
      ...server,
      maxRetries: 0,
      fetch: (url, init) =>
        url.includes('budgets.release') ? Promise.reject(new TypeError('cut')) : server.fetch(url, init),
    })
    const thrown = new Error('the stream broke')
    async function failing() {
      await using hold = await cut.budgets.hold({ projectId, estimate: '0.1' })
      expect(hold.reservation.status).toBe('held')
      throw thrown
    }
    expect(await failureOf(failing())).toBe(thrown)
    await (await cut.budgets.hold({ projectId, estimate: '0.1' }))[Symbol.asyncDispose]()
    expect((await budgetOf(projectId)).reserved).toBe('0.2')
  })

  test('that could not be settled stays open for a later settlement', async () => {
    const projectId = await newProject()
    async function failing(report: CallUsage) {
      await using hold = await mgx.budgets.hold({ projectId, estimate: '0.1' })
      await hold.settle(report)
    }
    const unpriced = { ...usage, model: 'no-such-model', totalCost: undefined }
    const failure = await failureOf(failing(unpriced))
    expect(failure).toBeInstanceOf(UnknownModelError)
    const { reservationId } = (failure as UnknownModelError).details
    expect((await budgetOf(projectId)).reserved).toBe('0.1')
    const settled = await mgx.budgets.settle({ ...usage, reservationId: Number(reservationId) })
    expect(settled).toMatchObject({ late: false, budget: { spent: '0.025', reserved: '0' } })
    expect(await failureOf(failing({} as CallUsage))).toBeInstanceOf(TypeError)
    expect((await budgetOf(projectId)).reserved).toBe('0.1')
  })

  test('is extended until it is settled, and not after its disposal', async () => {
    const projectId = await newProject()
    const { mgx: counted, timesOf } = countedCalls(server)
    {
      await using hold = await counted.budgets.hold({ projectId, estimate: '0.1', ttlSeconds: 1 })
      await sleep(1_600)
      const { reservation } = await hold.extend(2)
      expect(Date.parse(reservation.expiresAt) - Date.now()).toBeGreaterThan(1_500)
      expect(await hold.settle(usage)).toMatchObject({ late: false, reservation: { status: 'settled' } })
    }
    const { length } = timesOf('budgets.extend')
    expect(length).toBeGreaterThanOrEqual(3)
    await sleep(1_200)
    expect(timesOf('budgets.extend')).toHaveLength(length)
  })

  test('is refused when the estimate does not fit, with the shortage', async () => {
    const projectId = await newProject()
    await using hold = await mgx.budgets.hold({ projectId, estimate: 0.75 })
    expect(hold.budget.reserved).toBe('0.75')
    const refused = await failureOf(mgx.budgets.hold({ projectId, estimate: '0.5' }))
    expect(refused).toBeInstanceOf(BudgetExceededError)
    expect(refused).toMatchObject({ shortage: 'held', requested: '0.5', remaining: '0.25', reserved: '0.75' })
    expect(await failureOf(mgx.budgets.hold({ projectId, estimate: '2' }))).toMatchObject({ shortage: 'spent' })
  })
})

test('a hold works on a platform without Symbol.asyncDispose, with the symbol that compilers use there', async () => {
  const server = await serverInMemory()
  const { Symbol: native } = globalThis
  const unknown = ['asyncDispose', 'name', 'length', 'prototype']
  const known = Object.entries(Object.getOwnPropertyDescriptors(native)).filter(([name]) => !unknown.includes(name))
  vi.stubGlobal(
    'Symbol',
    Object.defineProperties((text?: string) => native(text), Object.fromEntries(known)),
  )
  vi.resetModules()
  const client = await import('../index.js').finally(() => vi.unstubAllGlobals())
  const mgx = client.createMgxClient(server)
  const { id: projectId } = await mgx.projects.create({ name: 'Snake', idea: 'A snake game', investment: '1' })
  const hold = await mgx.budgets.hold({ projectId, estimate: '0.1' })
  expect(Symbol.asyncDispose in hold).toBe(false)
  const { [Symbol.for('Symbol.asyncDispose')]: dispose } = hold as unknown as Record<symbol, () => Promise<void>>
  await dispose?.()
  expect((await mgx.budgets.get({ projectId })).reserved).toBe('0')
  await mgx.budgets.guard({ projectId, estimate: '0.1' }, () => usage)
  expect((await mgx.budgets.get({ projectId })).spent).toBe('0.025')
})
