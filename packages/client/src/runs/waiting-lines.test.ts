import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { BudgetExceededError, createMgxClient, InvalidInputError, type MgxClient, usd } from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { countedCalls } from '../testing/counted-calls.js'
import { describeHttpServers } from '../testing/describe-servers.js'

const usage = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 }
const costing = (totalCost: string) => ({ ...usage, totalCost })

describeHttpServers('calls that wait for room in the budget, and a server', (server) => {
  /** Another process: its holds are not known to the client under test. */
  let other: MgxClient

  beforeAll(() => {
    other = createMgxClient(server)
  })

  async function newProject(investment: string, held?: string) {
    const projectId = (await other.projects.create({ name: 'Snake', idea: 'A snake game', investment })).id
    const reserved = held === undefined ? undefined : await other.budgets.reserve({ projectId, amount: held })
    const release = () => other.budgets.release({ reservationId: reserved?.reservation.id ?? 0 })
    return { projectId, release }
  }

  test('run when another process has released its hold, asking at most twice a second', async () => {
    const { projectId, release } = await newProject('1', '0.95')
    const { mgx, timesOf } = countedCalls(server)
    const begin = performance.now()
    const waiting = Array.from({ length: 5 }, () =>
      mgx.budgets.guard({ projectId, estimate: '0.1', wait: 20_000 }, () => costing('0.1')),
    )
    await sleep(2_000)
    const asked = timesOf('budgets.reserve')
    expect(asked.length).toBeGreaterThanOrEqual(2)
    expect(asked.length).toBeLessThanOrEqual(2 * Math.ceil((performance.now() - begin) / 1_000))
    for (const [index, time] of asked.entries()) expect(time - (asked[index - 2] ?? 0)).toBeGreaterThan(990)
    await release()
    const released = performance.now()
    await Promise.all(waiting)
    expect(performance.now() - released).toBeLessThan(2_500)
    expect(await other.budgets.get({ projectId })).toMatchObject({ spent: '0.5', reserved: '0' })
  })

  test('are refused after their wait, with the shortage and what they requested', async () => {
    const { projectId } = await newProject('1', '0.95')
    const { mgx, timesOf } = countedCalls(server)
    const begin = performance.now()
    const options = { projectId, wait: 600 }
    const failures = await Promise.all(
      ['0.1', '0.2', '0.3'].map((estimate) =>
        failureOf(mgx.budgets.guard({ ...options, estimate }, () => expect.fail('there is no room'))),
      ),
    )
    expect(performance.now() - begin).toBeGreaterThanOrEqual(599)
    const facts = { shortage: 'held', limit: '1', spent: '0', reserved: '0.95', remaining: '0.05' }
    for (const [index, failure] of failures.entries()) {
      expect(failure).toBeInstanceOf(BudgetExceededError)
      expect(failure).toMatchObject({ ...facts, requested: `0.${index + 1}`, path: 'budgets.reserve', status: 402 })
    }
    expect(String(failures[0])).toContain('0.1 USD requested')
    expect(timesOf('budgets.reserve').length).toBeLessThanOrEqual(2)
    expect(await failureOf(mgx.budgets.guard({ projectId, estimate: '0.1' }, () => usage))).toMatchObject(facts)
  })

  test('are refused at once by a spent budget, also behind others', async () => {
    const { projectId, release } = await newProject('1', '0.4')
    await other.costs.record({ ...costing('0.5'), projectId })
    const { mgx, timesOf } = countedCalls(server)
    const guard = (estimate: string) => mgx.budgets.guard({ projectId, estimate, wait: 20_000 }, () => costing('0.3'))
    const begin = performance.now()
    const spent = { shortage: 'spent', spent: '0.5', reserved: '0.4' }
    expect(await failureOf(guard('0.500000001'))).toMatchObject({ ...spent, requested: '0.500000001' })
    expect(timesOf('budgets.reserve')).toHaveLength(1)
    const first = guard('0.3')
    const together = guard('0.7')
    expect(await failureOf(together)).toMatchObject({ ...spent, requested: '0.7' })
    expect(await failureOf(guard('0.6'))).toMatchObject({ ...spent, requested: '0.6' })
    expect(performance.now() - begin).toBeLessThan(700)
    await release()
    expect((await first).record?.totalCost).toBe('0.3')
  })

  test('are refused when the budget is spent while they wait', async () => {
    const { projectId } = await newProject('1', '0.9')
    const waiting = failureOf(other.budgets.guard({ projectId, estimate: '0.5', wait: 20_000 }, () => usage))
    await other.costs.record({ ...costing('0.6'), projectId })
    expect(await waiting).toMatchObject({ shortage: 'spent', requested: '0.5', spent: '0.6' })
  })

  test('start in the order in which they came, however small, and never exceed the budget', async () => {
    const { projectId, release } = await newProject('1', '0.9')
    const started: number[] = []
    let isRunning = true
    const samples = (async () => {
      while (isRunning) {
        const { limit, spent, reserved } = await other.budgets.get({ projectId })
        expect(usd.compare(usd.add(spent, reserved), limit)).toBeLessThanOrEqual(0)
        await sleep(5)
      }
    })()
    const { mgx } = countedCalls(server)
    const estimates = ['0.8', '0.01', '0.3', '0.05', '0.6', '0.02', '0.02', '0.5', '0.01', '0.9', '0.1', '0.3']
    const waiting = estimates.map((estimate, index) =>
      mgx.budgets.guard({ projectId, estimate, wait: 30_000 }, async () => {
        started.push(index)
        await sleep(20)
        return costing('0.01')
      }),
    )
    await sleep(300)
    expect(started).toEqual([])
    await release()
    await Promise.all(waiting)
    isRunning = false
    await samples
    expect(started).toEqual(estimates.map((_, index) => index))
    expect(await other.budgets.get({ projectId })).toMatchObject({ spent: '0.12', reserved: '0' })
  })

  test('of many clients all run in the end, with room for three at a time', async () => {
    const { projectId } = await newProject('1')
    const clients = Array.from({ length: 3 }, () => countedCalls(server))
    let [running, most] = [0, 0]
    await Promise.all(
      clients.flatMap(({ mgx }) =>
        Array.from({ length: 5 }, () =>
          mgx.budgets.guard({ projectId, estimate: '0.33', wait: 60_000 }, async () => {
            running += 1
            most = Math.max(most, running)
            await sleep(30)
            running -= 1
            return costing('0.001')
          }),
        ),
      ),
    )
    expect(most).toBeLessThanOrEqual(3)
    expect(await other.budgets.get({ projectId })).toMatchObject({ spent: '0.015', reserved: '0' })
  })

  test('are woken at once when a call of their client ends', async () => {
    const { projectId } = await newProject('1')
    const { mgx, timesOf } = countedCalls(server)
    const estimate = { model: 'gpt-4-turbo', maxPromptTokens: 20_000, maxCompletionTokens: 20_000 }
    for (const end of ['settle', 'release'] as const) {
      const hold = await mgx.budgets.hold({ projectId, estimate })
      const before = timesOf('budgets.reserve').length
      const next = mgx.budgets.hold({ projectId, estimate, wait: 20_000 })
      await sleep(150)
      const ended = performance.now()
      await (end === 'settle' ? hold.settle(costing('0.01')) : hold.release())
      const opened = await next
      expect(performance.now() - ended).toBeLessThan(400)
      expect(timesOf('budgets.reserve')).toHaveLength(before + 2)
      await opened.release()
    }
  })

  test('stop waiting at once when their signal is aborted, and let the next one through', async () => {
    const { projectId, release } = await newProject('1', '0.95')
    const { mgx } = countedCalls(server)
    const [first, second] = [new AbortController(), new AbortController()]
    const hold = (estimate: string, controller?: AbortController) =>
      mgx.budgets.hold({ projectId, estimate, wait: 20_000 }, controller && { signal: controller.signal })
    const failures = [failureOf(hold('0.5', first)), failureOf(hold('0.5', second))]
    const third = hold('0.05')
    await sleep(100)
    const begin = performance.now()
    const reason = new Error('the user has left')
    second.abort(reason)
    expect(await failures[1]).toBe(reason)
    first.abort(reason)
    expect(await failures[0]).toBe(reason)
    await third
    expect(performance.now() - begin).toBeLessThan(700)
    expect(await failureOf(hold('0.1', first))).toBe(reason)
    await release()
    expect(await other.budgets.get({ projectId })).toMatchObject({ reserved: '0.05' })
  })

  test('wait for a raised budget too', async () => {
    const { projectId } = await newProject('1', '0.95')
    const waiting = countedCalls(server).mgx.budgets.hold({ projectId, estimate: '0.1', wait: 20_000 })
    await sleep(50)
    await other.projects.update({ id: projectId, investment: '2' })
    expect((await waiting).budget).toMatchObject({ limit: '2', reserved: '1.05' })
  })

  test('are refused an invalid wait or estimate', async () => {
    const { projectId } = await newProject('1', '1')
    const { mgx, timesOf } = countedCalls(server)
    for (const wait of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
      const options = { projectId, estimate: '0.1', wait }
      expect(await failureOf(mgx.budgets.hold(options))).toBeInstanceOf(RangeError)
      expect(await failureOf(mgx.budgets.guard(options, () => usage))).toBeInstanceOf(RangeError)
    }
    expect(timesOf('budgets.reserve')).toEqual([])
    const invalid = { projectId, estimate: 'much', wait: 5_000 }
    expect(await failureOf(mgx.budgets.hold(invalid))).toBeInstanceOf(InvalidInputError)
  })

  test('ask with one key, so that an attempt that is executed late opens no second hold', async () => {
    const { projectId, release } = await newProject('1', '0.95')
    const keys: string[] = []
    const mgx = createMgxClient({
      ...server,
      fetch(url, init) {
        if (url.includes('budgets.reserve')) keys.push(...(/"idempotencyKey":"\w+"/.exec(init.body ?? '') ?? ['none']))
        return server.fetch(url, init)
      },
    })
    const waiting = mgx.budgets.hold({ projectId, estimate: '0.6', wait: 20_000 })
    await sleep(50)
    await release()
    expect((await waiting).budget.reserved).toBe('0.6')
    expect(keys).toHaveLength(2)
    expect(keys[0]).toMatch(/"\w{32}"/)
    expect(keys[1]).toBe(keys[0])
  })
})
