import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MgxClient } from '../index.js'
import { outcomeOf, type Side, sides } from '../testing/sides.js'

/** One history as it is played on a side. */
type Run = { side: Side; mgx: MgxClient; userId: number; projects: number[]; holds: number[] }
type Command = { name: string; play(run: Run): Promise<unknown> }

let running: Side[]
beforeAll(async () => {
  running = await Promise.all(sides.slice(0, 2).map(({ start }) => start()))
  for (const { mgx } of running) await mgx.prices.set({ model: 'own', inputPrice: '3', outputPrice: 7 })
})
afterAll(() => Promise.all(running.map((side) => side.close())))

/** With the numbers of projects instead of their ids: a database counts those too that it did not write. */
function numbered(answer: unknown, { projects }: Run): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value) => {
    if (name === 'projectId') return `project ${projects.indexOf(value)}`
    const isProject = typeof value === 'object' && value !== null && 'idea' in value
    return isProject ? { ...value, id: `project ${projects.indexOf(value.id)}` } : value
  })
}

const usage = { model: 'm', promptTokens: 1, completionTokens: 1 }
const index = fc.nat({ max: 3 })
const key = fc.option(fc.constantFrom('x', 'y'), { nil: undefined, freq: 3 })
/** Few and close together, so that they meet the edges of budgets; written in several ways. */
const amount = fc.constantFrom('0.1', '0.10', 0.1, '0.3', 0.30000000000000004, '0.000000001', '1', 2)

/** A command on one of the projects, or of the holds, that there are. */
const on =
  (kind: 'projects' | 'holds') =>
  <Given extends unknown[]>(
    path: string,
    given: { [Part in keyof Given]: fc.Arbitrary<Given[Part]> },
    input: (id: number, ...given: Given) => object,
    by: (run: Run) => MgxClient = ({ mgx }) => mgx,
  ) =>
    fc.tuple(index, fc.tuple(...given)).map(
      ([at, parts]): Command => ({
        name: `${path} ${at} ${JSON.stringify(parts)}`,
        async play(run) {
          const id = run[kind][at % Math.max(run[kind].length, 1)]
          if (id === undefined) return 'nothing yet'
          const answer = await outcomeOf(by(run), path, input(id, ...(parts as Given)))
          const { reservation } = answer as { reservation?: { id: number } }
          if (reservation && !run.holds.includes(reservation.id)) run.holds.push(reservation.id)
          return answer
        },
      }),
    )
const onProject = on('projects')
const onHold = on('holds')
const byAdmin = ({ side }: Run) => side.mgx

const cost = (totalCost: unknown) => (totalCost === null ? { ...usage, model: 'own' } : { ...usage, totalCost })
const asked = fc.option(amount, { freq: 4 })
const ttl = fc.constantFrom<(number | undefined)[]>(undefined, 1_000, 0)

const record = onProject('costs.record', [asked, key], (projectId, totalCost, idempotencyKey) => {
  return { projectId, ...cost(totalCost), idempotencyKey }
})
const recordMany = onProject(
  'costs.recordMany',
  [fc.array(fc.tuple(asked, key), { maxLength: 3 })],
  (projectId, rows) => {
    return { records: rows.map(([totalCost, idempotencyKey]) => ({ projectId, ...cost(totalCost), idempotencyKey })) }
  },
)
const reserve = onProject('budgets.reserve', [amount, key, ttl], (projectId, held, idempotencyKey, ttlSeconds) => {
  return { projectId, amount: held, idempotencyKey, ttlSeconds }
})
const reserveTokens = onProject(
  'budgets.reserve',
  [fc.nat({ max: 200_000 }), key],
  (projectId, tokens, idempotencyKey) => {
    return { projectId, model: 'own', maxPromptTokens: tokens, maxCompletionTokens: 1, idempotencyKey }
  },
)
const settle = onHold('budgets.settle', [asked], (reservationId, totalCost) => ({ reservationId, ...cost(totalCost) }))
const release = onHold('budgets.release', [], (reservationId) => ({ reservationId }))
const extend = onHold('budgets.extend', [ttl], (reservationId, ttlSeconds = 60) => ({ reservationId, ttlSeconds }))
const adjust = onProject(
  'costs.adjust',
  [amount, key],
  (projectId, totalCost, idempotencyKey) => ({ projectId, totalCost, reason: 'r', idempotencyKey }),
  byAdmin,
)
const invest = onProject('projects.update', [amount], (id, investment) => ({ id, investment }))
const statuses = fc.constantFrom('running', 'running', 'completed', 'failed', 'pending')
const move = onProject('projects.updateStatus', [statuses], (id, status) => ({ id, status }))

const create = fc.tuple(amount, key).map(
  ([investment, idempotencyKey]): Command => ({
    name: `create ${investment} ${idempotencyKey}`,
    async play(run) {
      const answer = await outcomeOf(run.mgx, 'projects.create', { name: 'n', idea: 'i', investment, idempotencyKey })
      const { id } = answer as { id?: number }
      if (id !== undefined && !run.projects.includes(id)) run.projects.push(id)
      return answer
    },
  }),
)
const limitUser = fc.option(amount).map(
  (spendingLimit): Command => ({
    name: `limit ${spendingLimit}`,
    play: ({ side, userId: id }) => outcomeOf(side.mgx, 'users.update', { id, spendingLimit }),
  }),
)
const letHoldsFallDue = fc.constant<Command>({ name: 'fall due', play: ({ side }) => side.letHoldsFallDue() })
const sweep = fc.constant<Command>({ name: 'sweep', play: ({ side }) => side.sweep() })
/** All that can be read, in the middle of a history: what is due and not swept yet must not show. */
const read = fc.constant<Command>({ name: 'read', play: booksOf })

const history = fc.array(
  fc.oneof(
    create,
    record,
    record,
    recordMany,
    reserve,
    reserve,
    reserve,
    reserveTokens,
    settle,
    settle,
    release,
    extend,
    adjust,
    invest,
    move,
    limitUser,
    letHoldsFallDue,
    sweep,
    read,
  ),
  { minLength: 5, maxLength: 40 },
)

let users = 0
async function begin(side: Side): Promise<Run> {
  const username = `user-${users}`
  const { user, apiKey } = await side.mgx.users.create({ username, email: `${username}@example.com` })
  const mgx = side.as(apiKey ?? '')
  const { id } = await mgx.projects.create({ name: 'n', idea: 'i', investment: '1' })
  return { side, mgx, userId: user.id, projects: [id], holds: [] }
}

/** All that can be read of what a history left. */
async function booksOf({ side, mgx, projects }: Run): Promise<unknown> {
  const read = (path: string) => Promise.all(projects.map((projectId) => outcomeOf(mgx, path, { projectId })))
  return Promise.all([
    outcomeOf(mgx, 'users.me'),
    outcomeOf(mgx, 'projects.list'),
    read('budgets.get'),
    read('costs.total'),
    read('costs.list'),
    outcomeOf(mgx, 'reports.spend', { groupBy: ['project', 'actionType', 'model'] }),
    outcomeOf(mgx, 'reports.projects'),
    outcomeOf(side.mgx, 'system.verify').then((verification) => ({ ...(verification as object), checked: undefined })),
  ])
}

test('any history is answered alike in memory and by a real server', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (commands) => {
      users += 1
      const runs = await Promise.all(running.map(begin))
      for (const { name, play } of commands) {
        const [memory, real] = await Promise.all(runs.map(async (run) => numbered((await play(run)) ?? null, run)))
        expect({ [name]: memory }).toEqual({ [name]: real })
      }
      const [memory, real] = await Promise.all(runs.map(async (run) => numbered(await booksOf(run), run)))
      expect(memory).toEqual(real)
    }),
    { numRuns: 40 },
  )
})
