import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as client from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { describeServers } from '../testing/describe-servers.js'
import { answerJson, passOn, type Seen, standInNetwork } from '../testing/stand-in-network.js'

const usage = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.025' }

describeServers('a guarded call, and a server', (server) => {
  let mgx: client.MgxClient

  beforeAll(() => {
    mgx = client.createMgxClient(server)
  })

  const newProject = async (investment = '1') =>
    (await mgx.projects.create({ name: 'Snake', idea: 'A snake game', investment })).id
  const budgetOf = (projectId: number) => mgx.budgets.get({ projectId })

  /** A client whose calls of one procedure go to `answer` instead of the server. */
  async function through(procedure: string, answer: (seen: Seen, before: number) => Promise<string | undefined>) {
    let met = 0
    const network = await standInNetwork(async (seen, response) => {
      const isMet = seen.url.endsWith(procedure)
      const body = isMet ? await answer(seen, met++) : (await passOn(server, seen)).body
      if (body === undefined) response.destroy()
      else answerJson(response, body)
    })
    onTestFinished(network.close)
    return { network, mgx: client.createMgxClient({ url: network.url, apiKey: server.apiKey }) }
  }

  test('reserves the estimate, settles with the usage and returns the result', async () => {
    const projectId = await newProject()
    const guarded = await mgx.budgets.guard({ projectId, estimate: '0.1' }, async (hold) => {
      expect(hold.reservation).toMatchObject({ amount: '0.1', status: 'held' })
      expect(hold.budget).toMatchObject({ reserved: '0.1', remaining: '0.9' })
      expect(await budgetOf(projectId)).toEqual(hold.budget)
      return { ...usage, actionType: 'WritePRD', result: 'the answer' }
    })
    const answer: string = guarded.result
    expect(answer).toBe('the answer')
    expect(guarded).toMatchObject({
      record: { totalCost: '0.025', actionType: 'WritePRD', reservationId: guarded.reservation.id },
      reservation: { status: 'settled', costRecordId: guarded.record?.id },
      budget: { spent: '0.025', reserved: '0', remaining: '0.975' },
      overrun: false,
      late: false,
    })
  })

  test('accepts a number, or a model and its tokens, as the estimate', async () => {
    const projectId = await newProject()
    const amountOf = async (estimate: client.Estimate) =>
      (await mgx.budgets.guard({ projectId, estimate }, () => usage)).reservation.amount
    expect(await amountOf(0.25)).toBe('0.25')
    expect(await amountOf({ model: 'gpt-4-turbo', maxPromptTokens: 1000, maxCompletionTokens: 500 })).toBe('0.025')
    const unknown = { model: 'no-such-model', maxPromptTokens: 1, maxCompletionTokens: 1 }
    expect(await failureOf(amountOf(unknown))).toBeInstanceOf(client.UnknownModelError)
  })

  test('does not run the work when the estimate does not fit', async () => {
    const projectId = await newProject('0.05')
    let worked = false
    const failure = await failureOf(
      mgx.budgets.guard({ projectId, estimate: '0.050000001' }, () => {
        worked = true
        return usage
      }),
    )
    expect(failure).toBeInstanceOf(client.BudgetExceededError)
    expect(failure).toMatchObject({ limit: '0.05', requested: '0.050000001' })
    expect(worked).toBe(false)
  })

  test('sets overrun when a call cost more than was held', async () => {
    const projectId = await newProject()
    const guarded = await mgx.budgets.guard({ projectId, estimate: '0.01' }, () => usage)
    expect(guarded).toMatchObject({ overrun: true, result: undefined, record: { totalCost: '0.025' } })
  })

  test('50 concurrent calls never exceed the budget, and every one that fits runs', async () => {
    const projectId = await newProject('0.5')
    let calls = 0
    let isRunning = true
    const samples: Promise<void> = (async () => {
      while (isRunning) {
        const { limit, spent, reserved } = await budgetOf(projectId)
        expect(client.usd.compare(client.usd.add(spent, reserved), limit)).toBeLessThanOrEqual(0)
      }
    })()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        mgx.budgets.guard({ projectId, estimate: '0.025' }, async () => {
          calls += 1
          await sleep(Math.random() * 50)
          return usage
        }),
      ),
    )
    isRunning = false
    await samples
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    for (const error of refused) expect(error).toBeInstanceOf(client.BudgetExceededError)
    expect(calls).toBe(20)
    expect(await budgetOf(projectId)).toMatchObject({ spent: '0.5', reserved: '0', remaining: '0', exceeded: false })
  })

  describe('that throws', () => {
    test('before settling: the hold is released and the error rethrown', async () => {
      const projectId = await newProject()
      const thrown = new Error('no such tool')
      const atOnce = (): never => {
        throw thrown
      }
      for (const work of [atOnce, () => Promise.reject(thrown)])
        expect(await failureOf(mgx.budgets.guard({ projectId, estimate: '1' }, work))).toBe(thrown)
      expect(await budgetOf(projectId)).toMatchObject({ spent: '0', reserved: '0', remaining: '1' })
    })

    test('before settling: the error is rethrown even when the release fails', async () => {
      const projectId = await newProject()
      const { mgx: cut } = await through('budgets.release', async () => undefined)
      const thrown = new Error('no such tool')
      const failure = await failureOf(cut.budgets.guard({ projectId, estimate: '1' }, () => Promise.reject(thrown)))
      expect(failure).toBe(thrown)
      expect(await budgetOf(projectId)).toMatchObject({ reserved: '1' })
    })

    test('after settling: the cost stays recorded', async () => {
      const projectId = await newProject()
      const thrown = new Error('disk full')
      const work = async (hold: client.Hold): Promise<never> => {
        await hold.settle(usage)
        throw thrown
      }
      expect(await failureOf(mgx.budgets.guard({ projectId, estimate: '1' }, work))).toBe(thrown)
      expect(await budgetOf(projectId)).toMatchObject({ spent: '0.025', reserved: '0' })
    })

    test('while settling without awaiting it: the cost stays recorded', async () => {
      const projectId = await newProject()
      const thrown = new Error('too early')
      const work = (hold: client.Hold): never => {
        void hold.settle(usage)
        throw thrown
      }
      expect(await failureOf(mgx.budgets.guard({ projectId, estimate: '1' }, work))).toBe(thrown)
      expect(await budgetOf(projectId)).toMatchObject({ spent: '0.025', reserved: '0' })
    })
  })

  describe('that closes its hold itself', () => {
    test('settles early and returns a result', async () => {
      const projectId = await newProject()
      const { result, record } = await mgx.budgets.guard({ projectId, estimate: '1' }, async (hold) => {
        const settled = await hold.settle(usage)
        expect((await budgetOf(projectId)).reserved).toBe('0')
        return { ...settled, result: 42 }
      })
      expect(result).toBe(42)
      expect(record?.totalCost).toBe('0.025')
    })

    test('may settle twice with the same usage, but not with another', async () => {
      const projectId = await newProject()
      const twice = (other: string) =>
        mgx.budgets.guard({ projectId, estimate: '0.1' }, async (hold) => {
          await hold.settle(usage)
          return { ...usage, totalCost: other }
        })
      expect((await twice('0.025')).record?.totalCost).toBe('0.025')
      expect(await failureOf(twice('0.03'))).toBeInstanceOf(client.ReservationClosedError)
      expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 2, totalCost: '0.05' })
    })

    test('releases it when no call was needed', async () => {
      const projectId = await newProject()
      const guarded = await mgx.budgets.guard({ projectId, estimate: '1' }, async (hold) => ({
        ...(await hold.release()),
        result: 'from the cache',
      }))
      expect(guarded).toMatchObject({ result: 'from the cache', record: null, reservation: { status: 'released' } })
      expect(await budgetOf(projectId)).toMatchObject({ spent: '0', remaining: '1' })
    })
  })

  describe('whose settlement fails', () => {
    test('throws the reason, keeps the hold open, and can be settled later', async () => {
      const projectId = await newProject()
      const unpriced = { ...usage, model: 'no-such-model', totalCost: undefined }
      const failure = await failureOf(mgx.budgets.guard({ projectId, estimate: '0.1' }, () => unpriced))
      expect(failure).toBeInstanceOf(client.UnknownModelError)
      expect(failure).toMatchObject({
        path: 'budgets.settle',
        status: 400,
        details: { reservationId: expect.any(Number) },
      })
      expect(await budgetOf(projectId)).toMatchObject({ spent: '0', reserved: '0.1' })
      const { reservationId } = (failure as client.MgxError).details
      const later = await mgx.budgets.settle({ ...unpriced, reservationId: Number(reservationId), totalCost: '0.02' })
      expect(later).toMatchObject({ late: false, budget: { spent: '0.02', reserved: '0' } })
    })

    test('throws even if the work swallows that error, unless a later settlement succeeds', async () => {
      const projectId = await newProject()
      const guardWith = (then: object) =>
        mgx.budgets.guard({ projectId, estimate: '0.1' }, async (hold) => {
          await hold.settle({ ...usage, promptTokens: -1 }).catch(() => undefined)
          return then as client.CallUsage
        })
      expect(await failureOf(guardWith({}))).toBeInstanceOf(client.InvalidInputError)
      expect((await guardWith(usage)).record?.totalCost).toBe('0.025')
    })

    test.each([[undefined], ['text'], [{ promptTokens: 1 }]])('throws when the work returns %j', async (returned) => {
      const projectId = await newProject()
      const work = () => returned as unknown as client.CallUsage
      const failure = await failureOf(mgx.budgets.guard({ projectId, estimate: '0.1' }, work))
      expect(failure).toBeInstanceOf(TypeError)
      expect(failure).toMatchObject({ message: expect.stringContaining('stays open') })
      expect(await budgetOf(projectId)).toMatchObject({ reserved: '0.1' })
    })
  })

  test('lost responses are retried: one hold, one record', async () => {
    const projectId = await newProject()
    for (const procedure of ['budgets.reserve', 'budgets.settle']) {
      const { network, mgx: unsteady } = await through(procedure, async (seen, before) => {
        const { body } = await passOn(server, seen)
        return before === 0 ? undefined : body
      })
      await unsteady.budgets.guard({ projectId, estimate: '0.1' }, () => usage)
      expect(network.seen.filter(({ url }) => url.endsWith(procedure))).toHaveLength(2)
    }
    expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 2, totalCost: '0.05' })
    expect(await budgetOf(projectId)).toMatchObject({ spent: '0.05', reserved: '0' })
  })

  test('the hold does not expire while the work runs, even if an extension fails', async () => {
    const projectId = await newProject()
    const { network, mgx: unsteady } = await through('budgets.extend', async (seen, before) =>
      before === 0
        ? JSON.stringify({ error: { code: -32603, message: 'no', data: { reason: 'internal', httpStatus: 500 } } })
        : (await passOn(server, seen)).body,
    )
    const options = { projectId, estimate: '0.1', ttlSeconds: 1 }
    const { late, reservation } = await unsteady.budgets.guard(options, async () => {
      // Ends between two extensions, after the one at 2.1 seconds.
      await sleep(2_400)
      return usage
    })
    expect(reservation.status).toBe('settled')
    expect(late).toBe(false)
    const extensions = () => network.seen.filter(({ url }) => url.endsWith('budgets.extend')).length
    const before = extensions()
    expect(before).toBeGreaterThanOrEqual(4)
    await sleep(700)
    expect(extensions()).toBe(before)
  })

  test('after hold.extend, later extensions use the same number of seconds', async () => {
    const projectId = await newProject()
    const secondsLeft = ({ expiresAt }: client.Reservation) => (Date.parse(expiresAt) - Date.now()) / 1_000
    await mgx.budgets.guard({ projectId, estimate: '0.1', ttlSeconds: 1 }, async (hold) => {
      const { reservation } = await hold.extend(3_600)
      expect(secondsLeft(reservation)).toBeGreaterThan(3_500)
      await sleep(700)
      const { reservation: still } = await mgx.budgets.release({ reservationId: hold.reservation.id })
      expect(secondsLeft(still)).toBeGreaterThan(3_500)
      return usage
    })
  })
})
